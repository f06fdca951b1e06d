"""The cast appears once, however often the seeding is run, and wherever an earlier run was killed."""

import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest
from django.apps import apps

from billing.models import UsageHour
from saas.demo import cast, place, seeding
from saas.demo.place import Place
from tenants import context, lifecycle
from tenants.models import ApiKey, Backup, Membership, Operator, Tenant, User
from tenants.people import keys

SHOP = tuple(apps.get_app_config("commerce").get_models())
STRIDE = 7  # lines between two kills


class Killed(BaseException):
    pass


@pytest.fixture
def where(fresh_db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Place:
    """A place, and a cast whose tenants the template does not have yet."""
    for name in ("SHOPS", "PEOPLE"):
        monkeypatch.setattr(cast, name, tuple(_renamed(part) for part in getattr(cast, name)))
    monkeypatch.setenv("LEASEHOLD_LOCAL_DIR", str(tmp_path))
    settings.LEASEHOLD_BACKUP_DIR = tmp_path / "backups"
    return Place(tmp_path)


def _renamed(part: Any) -> Any:
    if isinstance(part, cast.Shop):
        return replace(part, slug=f"demo-{part.slug}")
    return replace(part, roles={f"demo-{slug}": role for slug, role in part.roles.items()})


def state(where: Place) -> dict[str, Any]:
    """Return what there is, by the things that a second run must not change."""
    found: dict[str, Any] = {}
    with context.owner():
        slugs = [shop.slug for shop in cast.SHOPS]
        tenants = list(Tenant.objects.filter(slug__in=slugs))
        found["tenants"] = sorted(tenant.slug for tenant in tenants)
        found["people"] = {
            person.email: sorted(
                Membership.objects.filter(user__email=person.email).values_list("tenant__slug", "role")
            )
            for person in cast.PEOPLE
        }
        found["operators"] = list(Operator.objects.values_list("user__email", flat=True))
        found["backups"] = [backup.state for backup in Backup.objects.filter(tenant__in=tenants)]
        found["keys"] = ApiKey.objects.filter(tenant__in=tenants, revoked_at__isnull=True).count()
        found["hours"] = UsageHour.objects.filter(tenant__in=tenants).count()
    for tenant in tenants:
        with context.use(tenant):
            found[tenant.slug] = sum(model._default_manager.count() for model in SHOP)
    return found


def wanted() -> dict[str, Any]:
    slugs = [shop.slug for shop in cast.SHOPS]
    return {
        "tenants": sorted(slugs),
        "people": {person.email: sorted(person.roles.items()) for person in cast.PEOPLE},
        "operators": [cast.OPERATOR.email],
        "backups": ["finished"] * 3,
        "keys": 3,
        "hours": 3 * seeding.HOURS,
        **dict.fromkeys(slugs, seeding.ROWS),
    }


def check_logins(where: Place) -> None:
    """What the file says works: each password, each key."""
    logins = place.read_logins(where)
    assert logins is not None
    for email, password in logins.passwords.items():
        with context.identity():
            assert User.objects.get(email=email).check_password(password), email
    for slug, secret in logins.keys.items():
        with context.identity():
            tenant = lifecycle.find(slug)
        key_id = keys.identify(secret, tenant)
        assert key_id is not None
        with context.identity():
            assert ApiKey.objects.get(id=key_id, tenant_id=tenant.id).revoked_at is None


def test_everybody_appears_and_can_come_in(where: Place) -> None:
    seeding.main()
    assert state(where) == wanted()
    check_logins(where)


def test_a_second_run_changes_nothing(where: Place) -> None:
    seeding.main()
    first, logins = state(where), place.read_logins(where)
    seeding.main()
    assert state(where) == first
    assert place.read_logins(where) == logins


def test_what_people_changed_since_stays_changed(where: Place) -> None:
    seeding.main()
    shop, person = cast.SHOPS[0], cast.PEOPLE[1]
    with context.owner():
        User.objects.get(email=person.email).set_password("a password of their own")
        membership = Membership.objects.get(user__email=person.email)
        membership.ended_at = membership.created_at
        membership.save()
    lifecycle.suspend(shop.slug, by="tests")
    seeding.main()
    with context.identity():
        assert User.objects.get(email=person.email).check_password("a password of their own")
        assert Membership.objects.filter(user__email=person.email).count() == 1
        assert lifecycle.find(shop.slug).state == "suspended"


def test_new_logins_replace_those_whose_file_is_gone(where: Place) -> None:
    seeding.main()
    before = place.read_logins(where)
    where.logins.unlink()
    seeding.main()
    assert place.read_logins(where) != before
    assert state(where)["keys"] == 3
    check_logins(where)


def test_it_can_be_killed_at_any_line_and_run_again(where: Place) -> None:
    """Each run is killed a few lines later than the one before, until one comes through."""
    lines = STRIDE
    while not run_until(lines):
        lines += STRIDE
    assert lines > 100  # it was killed often
    assert state(where) == wanted()
    check_logins(where)


def run_until(lines: int) -> bool:
    """Run the seeding and kill it after so many of its own lines. Returns whether it came through."""
    left = lines

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename != seeding.__file__:
            return None
        if event == "line":
            left -= 1
            if left < 0:
                raise Killed
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        seeding.main()
    except Killed:
        return False
    finally:
        sys.settrace(before)
    return True


def test_the_day_before_has_its_busiest_hour_in_the_afternoon() -> None:
    shop, chance = cast.SHOPS[0], Random(1)
    hours = [seeding.calls(shop, hour, chance) for hour in range(24)]
    assert max(hours) <= 1.15 * shop.calls_per_hour
    assert min(hours) >= 1
    assert sum(hours[10:18]) > 3 * sum(hours[:8])
