"""Single sign-on of the tenant: its provider and its e-mail domains. Runs in no context, since it asks other hosts."""

from datetime import datetime
from typing import Literal

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from saas.api import security
from tenants import context, links
from tenants.models import EmailDomain, IdentityProvider
from tenants.people import email_domains, oidc, sso

router = Router(tags=["sso"])
JoinRole = Literal["admin", "editor", "viewer"]
PERMISSION = "security.manage"


class ProviderIn(Schema, extra="forbid"):
    issuer: str = Field(min_length=1, max_length=500)
    client_id: str = Field(min_length=1, max_length=255)
    client_secret: str | None = Field(None, max_length=1000, description="Left out, the present one stays.")
    default_role: JoinRole = "viewer"
    session_minutes: int = Field(480, ge=5, le=1440)
    jit: bool = Field(
        default=False, description="Whether people of proven domains become members by signing in."
    )
    enforced: bool = Field(
        default=False, description="Whether members of proven domains, except owners, must use it."
    )


class ProviderOut(Schema):
    issuer: str
    client_id: str
    default_role: str
    session_minutes: int
    jit: bool
    enforced: bool
    redirect_uri: str = Field(description="To be registered at the provider.")


class DomainIn(Schema, extra="forbid"):
    domain: str = Field(min_length=1, max_length=253)
    join_role: JoinRole | None = Field(
        None, description="Null: nobody joins by the domain of an address alone."
    )


class DomainOut(Schema):
    domain: str
    record: str = Field(description="The TXT record to publish.")
    value: str
    join_role: str | None
    verified_at: datetime | None
    lost_at: datetime | None


class DomainList(Schema):
    items: list[DomainOut]


@router.get(
    "/provider", response=ProviderOut, operation_id="read_provider", summary="Read the identity provider"
)
@security.permission(PERMISSION)
def read_provider(request: HttpRequest) -> ProviderOut:
    with context.identity():
        provider = sso.of(security.tenant(request))
        if provider is None:
            raise Http404
        return _provider(request, provider)


@router.put(
    "/provider", response=ProviderOut, operation_id="set_provider", summary="Set the identity provider"
)
@security.permission(PERMISSION)
def set_provider(request: HttpRequest, body: ProviderIn) -> ProviderOut:
    member = security.caller(request)
    wish = sso.Wish(secret=body.client_secret, **body.dict(exclude={"client_secret"}))
    oidc.discover(body.issuer)  # the network first: what does not answer is not kept
    with context.identity():
        return _provider(request, sso.configure(security.tenant(request), wish, by=member.user))


@router.delete(
    "/provider", response={204: None}, operation_id="remove_provider", summary="Remove the identity provider"
)
@security.permission(PERMISSION)
def remove_provider(request: HttpRequest) -> Status[None]:
    member = security.caller(request)
    with context.identity():
        sso.remove(security.tenant(request), by=member.user)
    return Status(204, None)


@router.get("/domains", response=DomainList, operation_id="list_email_domains", summary="List e-mail domains")
@security.permission(PERMISSION)
def list_domains(request: HttpRequest) -> DomainList:
    with context.identity():
        return DomainList(items=[_domain(row) for row in email_domains.of(security.tenant(request))])


@router.post(
    "/domains", response={201: DomainOut}, operation_id="claim_email_domain", summary="Claim an e-mail domain"
)
@security.permission(PERMISSION)
def claim_domain(request: HttpRequest, body: DomainIn) -> Status[DomainOut]:
    member = security.caller(request)
    with context.identity():
        row = email_domains.claim(
            security.tenant(request), body.domain, by=member.user, join_role=body.join_role
        )
    return Status(201, _domain(row))


@router.post(
    "/domains/{domain}/verify",
    response=DomainOut,
    operation_id="verify_email_domain",
    summary="Look up the record of an e-mail domain",
)
@security.permission(PERMISSION)
def verify_domain(request: HttpRequest, domain: str) -> DomainOut:
    member = security.caller(request)
    return _domain(email_domains.verify(security.tenant(request), domain, by=member.user))


@router.delete(
    "/domains/{domain}",
    response={204: None},
    operation_id="remove_email_domain",
    summary="Remove an e-mail domain",
)
@security.permission(PERMISSION)
def remove_domain(request: HttpRequest, domain: str) -> Status[None]:
    member = security.caller(request)
    with context.identity():
        email_domains.remove(security.tenant(request), domain, by=member.user)
    return Status(204, None)


def _provider(request: HttpRequest, provider: IdentityProvider) -> ProviderOut:
    return ProviderOut(
        issuer=provider.issuer,
        client_id=provider.client_id,
        default_role=provider.default_role,
        session_minutes=provider.session_minutes,
        jit=provider.jit_since is not None,
        enforced=provider.enforced_since is not None,
        redirect_uri=links.absolute("/sso/callback", security.tenant(request)),
    )


def _domain(row: EmailDomain) -> DomainOut:
    return DomainOut(
        domain=row.domain,
        record=row.record,
        value=f"{email_domains.PREFIX}{row.token}",
        join_role=row.join_role,
        verified_at=row.verified_at,
        lost_at=row.lost_at,
    )
