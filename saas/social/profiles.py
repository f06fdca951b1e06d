"""Profiles: take part, change how one is seen, find others."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import router, transaction
from django.db.models import QuerySet
from django.db.models.functions import Collate, Lower
from django.utils import timezone

from saas.social import constraints, exceptions, follows, values, visibility
from saas.social.models import Profile
from saas.social.models.profiles import Privacy
from saas.visitors.models import Visitor


class Changes(TypedDict, total=False):
    """What `update` may change."""

    handle: str
    name: str
    bio: str
    privacy: str


def create(
    visitor: Visitor, *, handle: str, name: str, bio: str = "", privacy: str = Privacy.PUBLIC
) -> Profile:
    """Make visitor's profile. Raises InvalidValue, DuplicateHandle, DuplicateProfile."""
    made = Profile(
        visitor=visitor, **_checked({"handle": handle, "name": name, "bio": bio, "privacy": privacy})
    )
    with constraints.translated():
        made.save(force_insert=True)
    return made


def update(profile: Profile, **changes: Unpack[Changes]) -> Profile:
    """Change only what is named. Whoever asked to follow a profile that becomes public follows it from then on.

    Raises InvalidValue, DuplicateHandle.
    """
    unknown = changes.keys() - Changes.__annotations__.keys()
    if unknown:
        raise TypeError(f"update() does not change {', '.join(sorted(unknown))}")
    wanted = _checked({**changes})
    with constraints.translated():
        _write(profile, wanted)
        if wanted.get("privacy") == Privacy.PUBLIC:
            follows.accept_all(profile)
    return profile


def verify(profile: Profile, *, at: datetime | None = None) -> Profile:
    """Say that profile is who it claims to be; verified already, it keeps its date."""
    return profile if profile.verified_at else _write(profile, {"verified_at": at or timezone.now()})


def unverify(profile: Profile) -> Profile:
    """Take that back."""
    return _write(profile, {"verified_at": None})


def suspend(profile: Profile, *, at: datetime | None = None) -> Profile:
    """Hide profile and all that it wrote, from everybody but itself; it may write nothing. Keeps an earlier date."""
    return profile if profile.suspended_at else _write(profile, {"suspended_at": at or timezone.now()})


def reinstate(profile: Profile) -> Profile:
    """Show profile again."""
    return _write(profile, {"suspended_at": None})


def require(handle: str, viewer: Profile | None) -> Profile:
    """Return the profile with this handle for viewer. Raises NotFound, also between two who are blocked."""
    found = visibility.without_blocked(by_handles([handle]), viewer, path="").first()
    if found is None:
        raise exceptions.NotFound("There is no such profile, or not for you.")
    return found


def by_handles(handles: list[str]) -> QuerySet[Profile]:
    """Return those of these handles, whatever their capitals."""
    found: QuerySet[Profile] = _keyed().filter(key__in=[handle.lower() for handle in handles])
    return found


def beginning_with(start: str, viewer: Profile | None) -> QuerySet[Profile]:
    """Return the profiles whose handle begins so, by handle; without those blocked in either direction."""
    start = start.lower()
    # Handles are ASCII in the order of bytes, so that a beginning is a range of the unique index.
    found: QuerySet[Profile] = _keyed().filter(key__gte=start, key__lt=f"{start}\x7f").order_by("key")
    return visibility.without_blocked(found, viewer, path="")


def refuse_suspended(profile: Profile) -> None:
    """Raise Suspended for a profile that may write nothing."""
    if Profile.objects.filter(pk=profile.pk).exclude(suspended_at=None).exists():
        raise exceptions.Suspended


@contextmanager
def locked(*profiles: Profile) -> Iterator[None]:
    """Lock the rows of profiles in the order of their ids until the transaction ends, counters included."""
    with transaction.atomic(using=router.db_for_write(Profile)):
        rows = Profile.objects.select_for_update(no_key=True).order_by("pk")
        list(rows.filter(pk__in=[profile.pk for profile in profiles]).values_list("pk"))
        yield


def _keyed() -> QuerySet[Any]:
    """Return all with their handle as the unique index has it."""
    return Profile.objects.annotate(key=Collate(Lower("handle"), "C"))


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    checks = {"handle": values.handle, "name": values.name, "bio": values.bio}
    for field, value in fields.items():
        if field in checks:
            checks[field](value)
        elif value not in Privacy.values:
            raise exceptions.InvalidChoice(field=field)
    return fields


def _write(profile: Profile, fields: dict[str, Any]) -> Profile:
    """Write to the row first, and to the object only when the database took it. Raises Profile.DoesNotExist."""
    if fields and not Profile.objects.filter(pk=profile.pk).update(**fields):
        raise Profile.DoesNotExist
    for field, value in fields.items():
        setattr(profile, field, value)
    return profile
