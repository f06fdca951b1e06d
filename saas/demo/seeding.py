"""Lets the cast appear, in a child that holds every login; can be killed between any two lines and run again."""

import json
import math
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from django.utils import timezone

from billing.middleware import API_CALLS
from billing.models import UsageHour
from saas import seeding as seeds
from saas.commerce.models import Product
from saas.demo import cast, place
from saas.demo.cast import Person, Shop
from saas.demo.place import Logins, Place
from tenants import context, lifecycle
from tenants.backups import ledger, take
from tenants.models import ApiKey, Backup, Credential, Membership, Operator, OperatorRole, Tenant, User
from tenants.people import keys, memberships

BY = "make demo"
ROWS = 5_000  # of each shop
HOURS = 24
BUSIEST_HOUR = 14  # UTC


def main() -> None:
    where = Place(Path(os.environ["LEASEHOLD_LOCAL_DIR"]))
    logins = _logins(where)
    for number, person in enumerate((*cast.PEOPLE, cast.OPERATOR)):
        tell(person.name, number, len(cast.EMAILS))
        add_person(person, logins)
    add_operator(cast.OPERATOR)
    for shop in cast.SHOPS:
        tell(shop.name)
        add_tenant(shop)
        add_members(shop)
        fill_shop(shop, partial(tell, shop.name))
        add_key(shop, logins, where)
        add_usage(shop)
        add_backup(shop)
    tell("", saw=_summary())


def tell(doing: str, done: int | None = None, total: int | None = None, **more: Any) -> None:
    """Tell the parent what is going on, see steps.seed."""
    sys.stdout.write(json.dumps({"doing": doing, "done": done, "all": total, **more}) + "\n")
    sys.stdout.flush()


def add_person(person: Person, logins: Logins) -> None:
    """Make the person, with the password of the file unless they chose one after the file was made."""

    with context.owner():
        user = User.objects.filter(email=person.email).first()
        if user is None:
            user = User.objects.create(email=person.email, name=person.name)
        made_at = datetime.fromisoformat(logins.made_at)
        if not Credential.objects.filter(user=user, set_at__gte=made_at).exists():
            user.set_password(logins.passwords[person.email])


def add_operator(person: Person) -> None:
    with context.owner():
        Operator.objects.get_or_create(
            user=User.objects.get(email=person.email), defaults={"role": OperatorRole.ADMIN}
        )


def add_tenant(shop: Shop) -> None:
    with context.owner():
        if not Tenant.objects.filter(slug=shop.slug, destroyed_at__isnull=True).exists():
            owner = User.objects.get(email=cast.owner(shop).email)
            lifecycle.create(shop.slug, by=BY, name=shop.name, owner=owner, options={"plan": shop.plan})


def add_members(shop: Shop) -> None:
    """Add who never was a member; one whose membership was ended since stays out."""

    with context.owner():
        tenant = lifecycle.find(shop.slug)
        for person in cast.PEOPLE:
            user = User.objects.get(email=person.email)
            known = Membership.objects.filter(tenant=tenant, user=user).exists()
            if shop.slug in person.roles and not known:
                memberships.add(user, tenant, person.roles[shop.slug], by=BY)


def fill_shop(shop: Shop, progress: Callable[[int, int], None]) -> None:
    with context.public():
        tenant = lifecycle.find(shop.slug)
    with context.use(tenant):
        filled = Product.objects.exists()
    if not filled:
        seeds.seed(tenant, "commerce", ROWS, seed=len(shop.slug), flavour=shop.flavour, progress=progress)


def add_key(shop: Shop, logins: Logins, where: Place) -> None:
    """Make an API key of the owner, unless the file holds one that exists; a key that the file missed is revoked."""

    with context.identity():
        tenant = lifecycle.find(shop.slug)
        user = User.objects.get(email=cast.owner(shop).email)
        ours = ApiKey.objects.filter(tenant_id=tenant.id, name=BY)
        known = [key for key in ours if logins.keys.get(shop.slug, "").startswith(key.prefix)]
        member = memberships.by_user(user.pk, tenant)
        made = None if known or member is None else keys.create(member, tenant, name=BY)
    if made:
        logins.keys[shop.slug], logins.shown = made.secret, False
        place.write_logins(where, logins)
        known = [made.key]
    with context.identity():
        for key in ours.filter(revoked_at__isnull=True).exclude(id__in=[key.id for key in known]):
            keys.revoke(key.id, tenant, by=BY)


def add_usage(shop: Shop) -> None:
    """Give a new tenant the API calls of the day before, so that its charts show something."""

    with context.operator():
        tenant = lifecycle.find(shop.slug)
        if UsageHour.objects.filter(tenant=tenant).exists():
            return
        this_hour = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        hours = [this_hour - timedelta(hours=back) for back in range(1, HOURS + 1)]
        chance = Random(shop.slug)  # noqa: S311 # believable, not secret
        UsageHour.objects.bulk_create(
            UsageHour(tenant=tenant, meter=API_CALLS, hour=hour, quantity=calls(shop, hour.hour, chance))
            for hour in hours
        )


def calls(shop: Shop, hour: int, chance: Random) -> int:
    """Return believable API calls of an hour: a day's curve, and some noise."""
    curve = 0.55 + 0.45 * math.cos((hour - BUSIEST_HOUR) * math.tau / 24)
    return max(1, round(shop.calls_per_hour * curve * chance.uniform(0.85, 1.15)))


def add_backup(shop: Shop) -> None:
    """Take a first backup; one that was interrupted is gone on with."""

    with context.operator():
        tenant = lifecycle.find(shop.slug)
        backups = Backup.objects.filter(tenant=tenant)
        if backups.filter(finished_at__isnull=False).exists():
            return
        backup = backups.filter(ledger.OPEN).first() or ledger.request(tenant, by=BY)
    take.take(backup.id, tenant.id)


def _logins(where: Place) -> Logins:
    """Return the file's passwords; they stand there before the database knows them."""
    logins = place.read_logins(where)
    if logins is None or set(cast.EMAILS) - set(logins.passwords):
        logins = place.make_logins(cast.EMAILS)
        place.write_logins(where, logins)
    return logins


def _summary() -> str:
    with context.operator():
        found = Tenant.objects.filter(destroyed_at__isnull=True).count()
        backups = Backup.objects.filter(finished_at__isnull=False).count()
        return f"{found} tenants, {User.objects.count()} people, {backups} backups"
