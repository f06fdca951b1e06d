"""Domains of mail addresses that a tenant proves by a DNS record; no lookup ever runs inside a context."""

import secrets
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import dns.exception
import dns.resolver
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import audit_log, context, exceptions, names
from tenants.models import LIVE, PROVEN, EmailDomain, Membership, Role, User
from tenants.people import exceptions as errors
from tenants.people import memberships

Resolver = Callable[[str], Iterable[str]]
Enter = Callable[[], AbstractContextManager[Any]]
LOOKUP_SECONDS = 5.0
PREFIX = "leasehold="
# Everybody has an address there, so none of them says for whom somebody works.
PUBLIC_MAIL = frozenset(
    "aol.com fastmail.com gmail.com gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.com icloud.com live.com"
    " mac.com mail.com mail.ru me.com msn.com outlook.com pm.me proton.me protonmail.com qq.com t-online.de web.de"
    " yahoo.com yandex.com yandex.ru zoho.com 163.com 126.com".split()
)


def lookup(name: str) -> list[str]:
    """Return the TXT records of name. Raises dns.exception.DNSException when nobody could say."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=LOOKUP_SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    return [b"".join(row.strings).decode("ascii", "replace") for row in answer]


def claim(tenant: context.HasId, domain: str, *, by: object, join_role: str | None = None) -> EmailDomain:
    """Note that tenant says a domain is its own; nothing follows from it before `verify`.

    Raises InvalidEmailDomain, EmailDomainTaken (by this tenant, or proven by another).
    """
    name = normalise(domain)
    if EmailDomain.objects.filter(PROVEN, domain=name).exists():
        raise exceptions.EmailDomainTaken()
    try:
        with transaction.atomic(using=_alias()):
            row = EmailDomain.objects.create(
                tenant_id=tenant.id, domain=name, token=secrets.token_urlsafe(24), join_role=join_role
            )
    except IntegrityError as error:
        raise exceptions.EmailDomainTaken() from error
    audit_log.record(tenant.id, "email_domain.claimed", by=by, subject=name, after={"join_role": join_role})
    return row


def verify(
    tenant: context.HasId,
    domain: str,
    *,
    by: object,
    resolver: Resolver = lookup,
    enter: Enter = context.identity,
) -> EmailDomain:
    """Look the record up and note that the domain is the tenant's. Outside of every context; enters `enter` twice.

    Raises UnknownEmailDomain, EmailDomainUnproven, EmailDomainTaken, NetworkInContext.
    """
    _refuse_context()
    with enter():
        row = find(tenant, domain)
    if not _is_published(row, resolver):
        raise exceptions.EmailDomainUnproven(
            f'No TXT record {row.record} holds "{PREFIX}{row.token}". Publish it and verify again.'
        )
    with enter():
        return _prove(row, by=by)


def remove(tenant: context.HasId, domain: str, *, by: object) -> None:
    """Forget a domain; nobody joins by it any more. Raises UnknownEmailDomain."""
    row = find(tenant, domain)
    row.delete()
    audit_log.record(tenant.id, "email_domain.removed", by=by, subject=row.domain)


def find(tenant: context.HasId, domain: str) -> EmailDomain:
    """Return the tenant's domain, proven or not. Raises UnknownEmailDomain."""
    row = EmailDomain.objects.filter(tenant_id=tenant.id, domain=normalise(domain)).first()
    if row is None:
        raise exceptions.UnknownEmailDomain()
    return row


def of(tenant: context.HasId) -> list[EmailDomain]:
    return list(EmailDomain.objects.filter(tenant_id=tenant.id).order_by("domain"))


def proven_for(tenant: context.HasId, email: str) -> EmailDomain | None:
    """Return the proven domain of the tenant that an address belongs to; a domain below it is another one."""
    try:
        name = domain_of(email)
    except exceptions.InvalidEmailDomain:
        return None
    return EmailDomain.objects.filter(PROVEN, tenant_id=tenant.id, domain=name).first()


def is_of(email: str, domains: Iterable[str]) -> bool:
    """Whether an address belongs to one of the domains, which are named as rows name them."""
    try:
        return domain_of(email) in domains
    except exceptions.InvalidEmailDomain:
        return False


def recheck(resolver: Resolver = lookup, *, enter: Enter = context.identity) -> list[str]:
    """Look every proven domain up again and note which are lost; returns those. A resolver that fails proves nothing.

    From then on nobody joins or signs in by a lost domain, until it is verified again.
    """
    _refuse_context()
    with enter():
        rows = list(EmailDomain.objects.filter(PROVEN))
    lost = []
    for row in rows:
        try:
            published = _is_published(row, resolver)
        except exceptions.EmailDomainUnproven:
            continue
        with enter():
            _note(row, published=published, at=timezone.now())
        lost += [] if published else [row.domain]
    return lost


def join(user: User, tenant: context.HasId, *, proven_address: bool) -> Membership:
    """Make a person a member because of the domain of their address, which they have proven to be theirs.

    In `context.identity()`. Whoever was a member once is not taken back like this. Raises JoinRefused, AlreadyMember.
    """
    row = proven_for(tenant, user.email) if proven_address and user.is_active else None
    if row is None or row.join_role is None:
        raise errors.JoinRefused(permission="join")
    memberships.lock(tenant)  # of two that come at once the second one finds the first one's membership
    refuse_former(user, tenant)
    return memberships.add(user, tenant, Role(row.join_role), by=user)


def refuse_former(user: User, tenant: context.HasId) -> None:
    """Raise JoinRefused for a person whose membership was ended: only an invitation takes them back.

    Raises AlreadyMember for one whose membership was not.
    """
    of_person = Membership.objects.filter(tenant_id=tenant.id, user=user)
    if of_person.filter(LIVE).exists():
        raise errors.AlreadyMember()
    if of_person.exists():
        raise errors.JoinRefused(
            "The membership was ended. Ask an owner of this site for an invitation.", permission="join"
        )


def has_proven(user: User) -> bool:
    """Whether the person's address is proven to be theirs: by a link that was mailed, or by who vouches for it."""
    return bool(EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists())


def domain_of(email: str) -> str:
    """Return the domain of an address as rows name it. Raises InvalidEmailDomain."""
    local, at, domain = email.rpartition("@")
    if not (local and at) or "@" in local:
        raise exceptions.InvalidEmailDomain()
    return normalise(domain)


def normalise(domain: str) -> str:
    """Return a domain in lower-case ASCII (IDNA). Raises InvalidEmailDomain, also for a public mail provider."""
    try:
        name = names.check_hostname(domain)
    except exceptions.InvalidHostname as error:
        raise exceptions.InvalidEmailDomain(str(error)) from error
    if name in PUBLIC_MAIL:
        raise exceptions.InvalidEmailDomain(
            f"{name} is a public mail provider; nobody's people are known by it."
        )
    return name


def _is_published(row: EmailDomain, resolver: Resolver) -> bool:
    try:
        return f"{PREFIX}{row.token}" in {text.strip() for text in resolver(row.record)}
    except dns.exception.DNSException as error:
        raise exceptions.EmailDomainUnproven(
            "The DNS could not be asked right now. Try again in a few minutes."
        ) from error


def _prove(row: EmailDomain, *, by: object) -> EmailDomain:
    now = timezone.now()
    try:
        with transaction.atomic(using=_alias()):
            changed = EmailDomain.objects.filter(id=row.id, token=row.token).update(
                verified_at=now, checked_at=now, lost_at=None
            )
    except IntegrityError as error:
        raise exceptions.EmailDomainTaken() from error
    if not changed:
        raise exceptions.UnknownEmailDomain()
    audit_log.record(row.tenant_id, "email_domain.verified", by=by, subject=row.domain)
    row.verified_at = row.checked_at = now
    row.lost_at = None
    return row


def _note(row: EmailDomain, *, published: bool, at: datetime) -> None:
    if published:
        EmailDomain.objects.filter(id=row.id).update(checked_at=at)
    elif EmailDomain.objects.filter(PROVEN, id=row.id).update(checked_at=at, lost_at=at):
        audit_log.record(row.tenant_id, "email_domain.lost", by="recheck", subject=row.domain)


def _refuse_context() -> None:
    if context.current() is not None:
        raise exceptions.NetworkInContext()


def _alias() -> str:
    current = context.current()
    if current is None:
        raise exceptions.NoTenant()
    return current.alias
