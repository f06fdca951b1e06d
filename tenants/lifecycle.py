"""The verbs of a tenant's life. Each is one transaction, with its audit row inside."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from tenants import audit_log, context, ddl, exceptions, hooks, ids, lookalikes, names, strict
from tenants.db import skeleton
from tenants.models import (
    ApiKey,
    Domain,
    EmailDomain,
    IdentityProvider,
    Membership,
    Role,
    ServiceAccount,
    Session,
    SsoAccount,
    Tenant,
    User,
)
from tenants.people import memberships


def create(
    slug: str,
    *,
    by: object,
    name: str = "",
    owner: User | None = None,
    options: dict[str, str] | None = None,
    allow_lookalike: bool = False,
) -> Tenant:
    """Make a tenant: rows, role, schema and what hooks add, in one transaction of the owner; kill -9 leaves nothing.

    options go to the hook `created`. Raises InvalidSlug, SlugTaken, LooksTaken, InvalidOption.
    """
    names.check_slug(slug)
    with context.owner(), unique(slug):
        if not allow_lookalike:
            refuse_lookalike(slug)
        tenant = add_rows(slug, name=name or slug)
        ddl.build(tenant.id)
        join(tenant, options or {}, by=by, owner=owner)
    return tenant


def add_rows(slug: str, *, name: str) -> Tenant:
    """Insert the tenant and its primary domain. Runs in the owner's context."""
    tenant = Tenant.objects.create(id=ids.new(), slug=slug, name=name, script_digest=ddl.script().digest)
    Domain.objects.create(tenant=tenant, hostname=_host(slug), is_primary=True)
    return tenant


def join(
    tenant: Tenant, options: dict[str, str], *, by: object, owner: User | None, source: Tenant | None = None
) -> None:
    """Let the owner and the floors above join a tenant that was just built. Raises InvalidOption for what is left."""
    if owner is not None:
        memberships.add(owner, tenant, Role.OWNER, by=by)
    remaining = dict(options)
    hooks.created.send(sender=Tenant, tenant=tenant, options=remaining, source=source, by=by)
    if remaining:
        raise exceptions.InvalidOption(
            f"Unknown option: {', '.join(sorted(remaining))}. Nothing was created."
        )
    audit_log.record(
        tenant.id, "tenant.created", by=by, subject=tenant.slug, after={**options, "name": tenant.name}
    )


def find(slug: str) -> Tenant:
    """Return the tenant of this slug that is not destroyed, in the current context. Raises UnknownTenant."""
    tenant = Tenant.objects.filter(slug=slug, destroyed_at__isnull=True).first()
    if tenant is None:
        raise exceptions.UnknownTenant(
            f"There is no tenant {slug!r}. `manage.py tenant_list` shows those that exist."
        )
    return tenant


def suspend(slug: str, *, by: object, reason: str = "") -> Tenant:
    """Close a tenant's host (403) in every process within 2 s; a member's next request is refused at once."""
    with context.operator():
        tenant = find(slug)
        if tenant.suspended_at is None:
            tenant.suspended_at, tenant.suspended_reason = timezone.now(), reason
            tenant.save(update_fields=["suspended_at", "suspended_reason"])
            audit_log.record(tenant.id, "tenant.suspended", by=by, subject=slug, after={"reason": reason})
    return tenant


def resume(slug: str, *, by: object) -> Tenant:
    """Open a suspended tenant's host again."""
    with context.operator():
        tenant = find(slug)
        if tenant.suspended_at is not None:
            tenant.suspended_at, tenant.suspended_reason = None, ""
            tenant.save(update_fields=["suspended_at", "suspended_reason"])
            audit_log.record(tenant.id, "tenant.resumed", by=by, subject=slug)
    return tenant


def rename(slug: str, new_slug: str, *, by: object, allow_lookalike: bool = False) -> Tenant:
    """Give a tenant another slug and the host of that name; its data and its own hosts do not move.

    Raises InvalidSlug, SlugTaken, LooksTaken.
    """
    names.check_slug(new_slug)
    with context.owner(), unique(new_slug):
        tenant = find(slug)
        if not allow_lookalike:
            refuse_lookalike(new_slug, other_than=tenant)
        tenant.slug = new_slug
        tenant.save(update_fields=["slug"])
        Domain.objects.filter(tenant=tenant, hostname=_host(slug)).update(hostname=_host(new_slug))
        audit_log.record(tenant.id, "tenant.renamed", by=by, before={"slug": slug}, after={"slug": new_slug})
    return tenant


def rotate_epoch(slug: str, *, by: object) -> Tenant:
    """Make everything void that the tenant has signed, for a copy of a whole database, and after a leak.

    Sessions and tasks that wait end at once; reset tokens, cursors, file links and cached values when a process has
    read the directory again, within its MAX_AGE. API keys stay; they are revoked one by one.
    """
    with context.operator():
        tenant = find(slug)
        tenant.epoch = ids.new_epoch()
        tenant.save(update_fields=["epoch"])
        audit_log.record(tenant.id, "tenant.rotated", by=by, subject=slug)
    return tenant


def destroy(slug: str, *, by: object) -> Tenant:
    """Drop a tenant's schema and role, end its memberships and close its hosts; the row and its record stay.

    The slug is free again. Cannot be undone except from a backup. Raises UnknownTenant.
    """
    with context.owner():
        tenant = find(slug)
        close(tenant, by=by)
        tenant.destroyed_at, tenant.epoch = timezone.now(), ids.new_epoch()
        tenant.save(update_fields=["destroyed_at", "epoch"])
        audit_log.record(tenant.id, "tenant.destroyed", by=by, subject=slug)
        ddl.drop(tenant.id)
    return tenant


def close(tenant: Tenant, *, by: object) -> None:
    """End everything that lets somebody in or goes on costing, in the owner's context; may be run again."""
    now = timezone.now()
    hooks.destroying.send(sender=Tenant, tenant=tenant, by=by)
    Domain.objects.filter(tenant=tenant).delete()
    EmailDomain.objects.filter(tenant=tenant).delete()
    IdentityProvider.objects.filter(tenant=tenant).delete()
    SsoAccount.objects.filter(tenant=tenant).delete()
    Session.objects.filter(tenant=tenant).delete()
    ApiKey.objects.filter(tenant=tenant, revoked_at__isnull=True).update(revoked_at=now)
    ServiceAccount.objects.filter(tenant=tenant, ended_at__isnull=True).update(ended_at=now)
    Membership.objects.filter(tenant=tenant, ended_at__isnull=True).update(ended_at=now)


def refuse_lookalike(slug: str, *, other_than: Tenant | None = None) -> None:
    """Raise LooksTaken when the slug of a live tenant looks the same; runs in the owner's context.

    An equal slug is the database's to refuse. Two that are made in the same moment are both kept.
    """
    others = Tenant.objects.filter(destroyed_at__isnull=True).exclude(slug=slug)
    if other_than is not None:
        others = others.exclude(id=other_than.id)
    alike = others.annotate(looks=skeleton.of("slug")).filter(looks=lookalikes.skeleton(slug)).first()
    if alike is not None:
        raise exceptions.LooksTaken(
            f"The slug {slug!r} looks like {alike.slug!r}, which is another tenant's. Choose another one, or allow it"
            " by name (`--allow-lookalike`)."
        )


def make_strict(slug: str, *, by: object) -> Tenant:
    """Give a tenant a login of its own, or a new password to the one it has; `app` cannot become its role then.

    Processes follow within a second; until then its requests fail. Raises UnknownTenant, NoStrictKey.
    """
    with context.owner():
        tenant = find(slug)
        before, tenant.strict_since = tenant.strict_since, timezone.now()
        ddl.give_login(tenant.id, strict.password(tenant.id, tenant.strict_since))
        _save_strict(tenant, before, by)
    return tenant


def relax(slug: str, *, by: object) -> Tenant:
    """Take a strict tenant's login away: `app` becomes its role again, as with every other tenant."""
    with context.owner():
        tenant = find(slug)
        if before := tenant.strict_since:
            tenant.strict_since = None
            ddl.take_login(tenant.id)
            _save_strict(tenant, before, by)
    return tenant


def _save_strict(tenant: Tenant, before: datetime | None, by: object) -> None:
    tenant.save(update_fields=["strict_since"])
    states = [
        {"strict_since": since.isoformat() if since else None} for since in (before, tenant.strict_since)
    ]
    verb = "tenant.strict" if tenant.strict_since else "tenant.relaxed"
    audit_log.record(tenant.id, verb, by=by, subject=tenant.slug, before=states[0], after=states[1])


@contextmanager
def unique(slug: str) -> Iterator[None]:
    """Turn the database's refusal of a slug or host name that exists into SlugTaken."""
    try:
        yield
    except IntegrityError as error:
        if "tenants_tenant_slug" in str(error) or "tenants_domain_hostname" in str(error):
            raise exceptions.SlugTaken(f"The slug {slug!r} is taken. Choose another one.") from error
        raise


def _host(slug: str) -> str:
    return f"{slug}.{settings.LEASEHOLD_APEX_HOST}"
