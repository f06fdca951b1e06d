"""The host names on which a tenant answers: added, removed and made primary by operators, each with its record."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import IntegrityError
from django.db.models import QuerySet

from tenants import audit_log, context, exceptions, lifecycle, lookalikes, names
from tenants.db import skeleton
from tenants.models import Domain, Tenant


def add(slug: str, hostname: str, *, by: object, allow_lookalike: bool = False) -> Domain:
    """Have a tenant answer on a host name too. That the customer owns it is the operator's to know.

    Raises InvalidHostname, HostnameTaken, HostnameLooksTaken.
    """
    with context.owner(), _unique(hostname):
        tenant = lifecycle.find(slug)
        name = normalise(hostname, tenant)
        if not allow_lookalike:
            refuse_lookalike(name, tenant)
        domain = Domain.objects.create(tenant=tenant, hostname=name)
        audit_log.record(tenant.id, "domain.added", by=by, subject=name)
    return domain


def remove(slug: str, hostname: str, *, by: object) -> None:
    """Have a tenant no longer answer on a host name. Raises UnknownDomain, PrimaryDomain."""
    with context.owner():
        domain = find(lifecycle.find(slug), hostname)
        if domain.is_primary:
            raise exceptions.PrimaryDomain()
        domain.delete()
        audit_log.record(domain.tenant_id, "domain.removed", by=by, subject=domain.hostname)


def make_primary(slug: str, hostname: str, *, by: object) -> Domain:
    """Choose the host name that links in mail and pages are built from. Raises UnknownDomain."""
    with context.owner():
        domain = find(lifecycle.find(slug), hostname)
        if domain.is_primary:
            return domain
        former = Domain.objects.filter(tenant_id=domain.tenant_id, is_primary=True)
        before = {"primary": former.values_list("hostname", flat=True).first()}
        former.update(is_primary=False)
        domain.is_primary = True
        domain.save(update_fields=["is_primary"])
        after = {"primary": domain.hostname}
        audit_log.record(domain.tenant_id, "domain.made_primary", by=by, before=before, after=after)
    return domain


def of(slug: str) -> list[Domain]:
    """Return a tenant's host names, the primary one first."""
    with context.operator():
        rows = Domain.objects.filter(tenant=lifecycle.find(slug))
        return list(rows.order_by("-is_primary", "hostname"))


def find(tenant: Tenant, hostname: str) -> Domain:
    """Return a tenant's host name in whatever spelling it is asked for. Raises UnknownDomain."""
    spellings = {hostname.strip().lower().removesuffix("."), _normalised(hostname)}
    domain = Domain.objects.filter(tenant=tenant, hostname__in=spellings).first()
    if domain is None:
        raise exceptions.UnknownDomain(
            f"{tenant.slug} has no host name {hostname!a}. `manage.py tenant_domain {tenant.slug} list` shows them."
        )
    return domain


def normalise(hostname: str, tenant: Tenant) -> str:
    """Return hostname as it is stored. Raises InvalidHostname, and HostnameTaken for a host of the product itself.

    Below the apex every name is the slug of a tenant, or will be one: only the tenant's own is open to it.
    """
    apex: str = settings.LEASEHOLD_APEX_HOST
    if hostname == f"{tenant.slug}.{apex}":
        return hostname
    name = names.check_hostname(hostname)
    product = {apex, *getattr(settings, "LEASEHOLD_CONSOLE_HOSTS", ())}
    if name in product or name.endswith(f".{apex}"):
        raise exceptions.HostnameTaken(
            f"{name} belongs to the product. A tenant can have {tenant.slug}.{apex}."
        )
    return name


def refuse_lookalike(hostname: str, tenant: Tenant) -> None:
    """Raise HostnameLooksTaken when a person could take hostname for the apex or for a host of another tenant."""
    shape = lookalikes.skeleton(names.shown(hostname))
    apex = lookalikes.skeleton(names.shown(settings.LEASEHOLD_APEX_HOST))
    if shape == apex or shape.endswith(f".{apex}"):
        if hostname == f"{tenant.slug}.{settings.LEASEHOLD_APEX_HOST}":
            return
        raise exceptions.HostnameLooksTaken(
            f"{hostname} looks like a host of the product. Choose another one."
        )
    others = Domain.objects.exclude(tenant=tenant).exclude(hostname=hostname)
    alike = others.annotate(looks=skeleton.of("hostname")).filter(looks=shape)
    for other in (*_hostnames(alike), *_international(others, shape)):
        raise exceptions.HostnameLooksTaken(
            f"{hostname} looks like {other}, which is another tenant's. Choose another one, or allow it by name."
        )


def _international(others: QuerySet[Domain], shape: str) -> Iterator[str]:
    """Yield the stored names in other letters that look so: few, and the database cannot read their letters."""
    rows = others.filter(hostname__contains="xn--")
    return (name for name in _hostnames(rows) if lookalikes.skeleton(names.shown(name)) == shape)


def _hostnames(rows: QuerySet[Domain]) -> list[str]:
    return list(rows.values_list("hostname", flat=True))


def _normalised(hostname: str) -> str:
    try:
        return names.check_hostname(hostname)
    except exceptions.InvalidHostname:
        return ""


@contextmanager
def _unique(hostname: str) -> Iterator[None]:
    """Turn the database's refusal of a host name that exists into HostnameTaken."""
    try:
        yield
    except IntegrityError as error:
        if "tenants_domain_hostname" in str(error):
            raise exceptions.HostnameTaken(f"{hostname!a} is taken. Choose another one.") from error
        raise
