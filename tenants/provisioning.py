"""Tenants that people ask for: rows that the worker of the queue `ddl` builds from; no web process can build one."""

from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from tenants import context, exceptions, lifecycle, names
from tenants.models import Tenant, TenantRequest, User

# How long a request may wait, and a started one may take, before it is sent to a worker again.
PATIENCE = timedelta(seconds=20)
PATIENCE_STARTED = timedelta(seconds=60)
ATTEMPTS = 10
SHOWN = timedelta(days=1)
OPEN = Q(built_at__isnull=True, failed_at__isnull=True)
# What another try would not change.
FINAL = (exceptions.InvalidSlug, exceptions.SlugTaken, exceptions.InvalidOption)


def ask(user: User, *, slug: str, name: str) -> TenantRequest:
    """Ask for a tenant of which user will be the owner; runs in `context.identity()`. Raises InvalidSlug, SlugTaken."""
    refuse_taken(slug)
    return TenantRequest.objects.create(requested_by=user, slug=slug, name=name)


def refuse_taken(slug: str) -> None:
    """Raise InvalidSlug or SlugTaken, which says no more than that: not whose it is, nor what it looks like."""
    names.check_slug(slug)
    try:
        lifecycle.refuse_lookalike(slug)
    except exceptions.SlugTaken as error:
        raise exceptions.SlugTaken(f"The slug {slug!r} is taken. Choose another one.") from error
    built = Tenant.objects.filter(slug=slug, destroyed_at__isnull=True).exists()
    if built or TenantRequest.objects.filter(OPEN, slug=slug).exists():
        raise exceptions.SlugTaken(f"The slug {slug!r} is taken. Choose another one.")


def build(request_id: UUID) -> bool:
    """Build the tenant of a request. Returns False when that is done, given up, or another worker is at it.

    Killed anywhere, it leaves nothing built, and a row that the next try starts from. A refusal is kept in the row;
    anything else as well, and it is raised: the sweep sends the row again, at most ATTEMPTS times.
    """
    try:
        return _build(request_id)
    except FINAL as error:
        _note(request_id, error, final=True)
        return False
    except Exception as error:
        _note(request_id, error, final=False)
        raise


def of(user: User) -> QuerySet[TenantRequest]:
    """Return what a person has asked for, newest first."""
    return TenantRequest.objects.filter(requested_by=user).order_by("-requested_at")


def unfinished(user: User) -> list[TenantRequest]:
    """Return what a person asked for in the last day and has not got."""
    recent = Q(requested_at__gt=timezone.now() - SHOWN)
    return list(of(user).filter(OPEN | recent, built_at=None))


def waiting() -> list[UUID]:
    """Return the requests that were made a while ago and are not done: lost messages and killed workers."""
    now = timezone.now()
    unsent = Q(started_at__isnull=True, requested_at__lt=now - PATIENCE)
    stuck = Q(started_at__lt=now - PATIENCE_STARTED)
    rows = TenantRequest.objects.filter(OPEN).filter(unsent | stuck)
    return list(rows.order_by("requested_at").values_list("id", flat=True))


def _build(request_id: UUID) -> bool:
    with context.owner():
        if _lock(request_id) is None:
            return False
        rows = TenantRequest.objects.filter(id=request_id)
        rows.update(started_at=timezone.now(), attempts=F("attempts") + 1)
    with context.owner():
        # The lock lasts as long as the building, so a second worker passes by; kill -9 lets it go.
        row = _lock(request_id)
        if row is None:
            return False
        owner = row.requested_by
        tenant = lifecycle.create(row.slug, name=row.name, by=owner, owner=owner)
        row.built_at, row.built_id, row.error = timezone.now(), tenant.id, ""
        row.save(update_fields=["built_at", "built_id", "error"])
    return True


def _lock(request_id: UUID) -> TenantRequest | None:
    rows = TenantRequest.objects.select_for_update(of=("self",), skip_locked=True)
    return rows.filter(OPEN, id=request_id).select_related("requested_by").first()


def _note(request_id: UUID, error: Exception, *, final: bool) -> None:
    with context.owner():
        rows = TenantRequest.objects.filter(OPEN, id=request_id)
        rows.update(error=getattr(error, "code", type(error).__name__)[:100])
        given_up = rows if final else rows.filter(attempts__gte=ATTEMPTS)
        given_up.update(failed_at=timezone.now())
