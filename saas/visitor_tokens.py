"""Visitors of a tenant's own site and the tokens they call with: of one tenant, one visitor and one epoch of theirs."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.signing import BadSignature
from django.http import HttpRequest

from saas.visitors import visitors
from saas.visitors.models import Visitor
from tenants import context, signing
from tenants.context import Who
from tenants.directory import Entry

TTL = timedelta(days=30)
SALT = "saas.visitor_tokens"
SCHEME = "visitor"  # Authorization: Visitor <token>


@dataclass(frozen=True, slots=True)
class Entrance:
    """A visitor, and the token that says so from now on."""

    visitor: Visitor
    token: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says. Whether the visitor still has this epoch, and is not closed, `confirm` asks the row."""

    id: UUID
    epoch: UUID

    def confirm(self) -> Visitor | None:
        return Visitor.objects.filter(id=self.id, epoch=self.epoch, closed_at=None).first()


# Nobody sees a row until they have come in, so these three enter the tenant by themselves, as the system and for this
# one step. Their views run in no context: put their paths into LEASEHOLD_OUTBOUND_PATHS.


def guest(tenant: Entry) -> Entrance:
    """Let somebody come to the tenant's site as a guest."""
    with context.use(tenant, actor=Who.SYSTEM):
        return _entrance(visitors.guest(), tenant)


def sign_up(tenant: Entry, *, email: str, password: str, guest: Visitor | None = None) -> Entrance:
    """Sign somebody up. Raises what `visitors.sign_up` raises."""
    with context.use(tenant, actor=Who.SYSTEM):
        return _entrance(visitors.sign_up(email=email, password=password, guest=guest), tenant)


def sign_in(tenant: Entry, *, email: str, password: str) -> Entrance:
    """Sign somebody in. Raises InvalidCredentials."""
    with context.use(tenant, actor=Who.SYSTEM):
        return _entrance(visitors.sign_in(email=email, password=password), tenant)


def issue(visitor: Visitor, tenant: Entry) -> str:
    """Return a token of visitor as of its epoch; it is nothing in another tenant, and for TTL at most."""
    return signing.dumps([visitor.id.hex, visitor.epoch.hex], salt=SALT, tenant=tenant)


def read(token: str, tenant: Entry) -> Claim | None:
    """Return what token says, or None when it was not signed in this tenant within TTL. No query."""
    try:
        visitor_id, epoch = signing.loads(token, salt=SALT, max_age=TTL, tenant=tenant)
    except BadSignature:
        return None
    return Claim(UUID(visitor_id), UUID(epoch))


def claim(request: HttpRequest, tenant: Entry) -> Claim | None:
    """Return whom the request's token names; settings.LEASEHOLD_VISITORS is this function."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return read(token.strip(), tenant) if scheme.lower() == SCHEME and token else None


def _entrance(visitor: Visitor, tenant: Entry) -> Entrance:
    return Entrance(visitor, issue(visitor, tenant))
