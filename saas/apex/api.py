"""The API of the apex host: signing up and in, the person's tenants, and the way into one of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, NinjaAPI, Schema, Status
from ninja.openapi.docs import Swagger

from saas.apex import passkeys, passwords
from saas.apex.caller import PersonCookie, PersonOut, caller, person_out
from saas.api import errors, security
from tenants import provisioning
from tenants.people import hop, openings, policy, signup, visitors

api = NinjaAPI(
    title="Leasehold, apex",
    version="1.0.0",
    description="What people do before they are in a tenant.",
    auth=PersonCookie(csrf=True),
    docs=Swagger(),
    docs_url="/docs",
    urls_namespace="apex-1",
)
errors.install(api)
api.add_router("", passkeys.router)
api.add_router("/password", passwords.router)


class SignUpIn(Schema, extra="forbid"):
    email: str
    password: str
    tenant_name: str
    slug: str
    name: str = ""


class VerifyIn(Schema, extra="forbid"):
    token: str = Field(description="Stands in the link of the mail.")
    password: str = Field("", description="Needed where the session of the sign-up is not at hand.")


class Credentials(Schema, extra="forbid"):
    email: str
    password: str
    code: str = Field("", description="Of the authenticator app or a recovery code, if the person has one.")


class SlugOut(Schema):
    slug: str
    free: bool


class RequestOut(Schema):
    id: UUID
    slug: str
    name: str
    state: str
    error: str


class VerifiedOut(PersonOut):
    request: RequestOut


class TenancyOut(Schema):
    id: UUID
    slug: str
    name: str
    hostname: str
    state: str
    role: str


class TenanciesOut(Schema):
    items: list[TenancyOut]
    requests: list[RequestOut]


class TenantIn(Schema, extra="forbid"):
    name: str
    slug: str


class OfferOut(Schema):
    id: UUID
    tenant_name: str
    slug: str
    role: str
    inviter: str
    expires_at: datetime


class DoorOut(Schema):
    slug: str
    name: str
    role: str


class OpeningsOut(Schema):
    proven: bool = Field(description="Whether the person's address is proven; without that, nothing is open.")
    invitations: list[OfferOut]
    by_domain: DoorOut | None = Field(
        description="The tenant that takes people of the domain of the address."
    )


class JoinIn(Schema, extra="forbid"):
    slug: str


class JoinedOut(Schema):
    slug: str
    role: str


class HopIn(Schema, extra="forbid"):
    slug: str
    binding: str = Field(
        "",
        description="SHA-256 of the browser's nonce in hex; else the answer says where to begin.",
    )
    host: str = ""


class HopOut(Schema):
    url: str


@api.get(
    "/slugs",
    response=SlugOut,
    auth=None,
    operation_id="suggest_slug",
    summary="Suggest a free slug",
    tags=["sign-up"],
)
def suggest_slug(request: HttpRequest, name: str) -> SlugOut:
    slug = signup.suggest(request, name)
    return SlugOut(slug=slug, free=bool(slug))


@api.get(
    "/slugs/{slug}",
    response=SlugOut,
    auth=None,
    operation_id="check_slug",
    summary="Whether a slug is free",
    tags=["sign-up"],
)
def check_slug(request: HttpRequest, slug: str) -> SlugOut:
    return SlugOut(slug=slug, free=signup.is_free(request, slug))


@api.post(
    "/sign-up",
    response={202: None},
    auth=None,
    operation_id="sign_up",
    summary="Ask for a mail with a link",
    tags=["sign-up"],
)
def sign_up(request: HttpRequest, body: SignUpIn) -> Status[None]:
    """The answer is the same for an address that has an account; its owner gets a mail that says so."""
    security.refuse_foreign_origin(request)
    signup.start(request, **body.model_dump())
    return Status(202, None)


@api.post(
    "/verify",
    response={201: VerifiedOut},
    auth=None,
    operation_id="verify",
    summary="Prove the address",
    tags=["sign-up"],
)
def verify(request: HttpRequest, body: VerifyIn) -> Status[VerifiedOut]:
    security.refuse_foreign_origin(request)
    requested = signup.finish(request, token=body.token, password=body.password)
    person = person_out(request, requested.requested_by)
    return Status(201, VerifiedOut(**person.model_dump(), request=RequestOut.from_orm(requested)))


@api.post(
    "/session", response=PersonOut, auth=None, operation_id="sign_in", summary="Sign in", tags=["session"]
)
def sign_in(request: HttpRequest, body: Credentials) -> PersonOut:
    security.refuse_foreign_origin(request)
    return person_out(request, visitors.sign_in(request, **body.model_dump()))


@api.get(
    "/session", response=PersonOut, operation_id="read_session", summary="Who is signed in", tags=["session"]
)
def read_session(request: HttpRequest) -> PersonOut:
    return person_out(request, caller(request))


@api.delete("/session", response={204: None}, operation_id="sign_out", summary="Sign out", tags=["session"])
def sign_out(request: HttpRequest) -> Status[None]:
    visitors.sign_out(request)
    return Status(204, None)


@api.get(
    "/tenants",
    response=TenanciesOut,
    operation_id="list_tenants",
    summary="List your tenants",
    tags=["tenants"],
)
def list_tenants(request: HttpRequest) -> dict[str, object]:
    person = caller(request)
    return {"items": visitors.tenants(person), "requests": provisioning.unfinished(person)}


@api.post(
    "/tenants",
    response={202: RequestOut},
    operation_id="request_tenant",
    summary="Ask for one more tenant",
    tags=["tenants"],
)
def request_tenant(request: HttpRequest, body: TenantIn) -> Status[Any]:
    return Status(202, signup.ask(caller(request), **body.model_dump()))


@api.get(
    "/tenant-requests/{uuid:request_id}",
    response=RequestOut,
    operation_id="read_tenant_request",
    summary="How far a tenant is",
    tags=["tenants"],
)
def read_tenant_request(request: HttpRequest, request_id: UUID) -> Any:
    return get_object_or_404(provisioning.of(caller(request)), id=request_id)


@api.get(
    "/openings",
    response=OpeningsOut,
    operation_id="list_openings",
    summary="What your address opens",
    tags=["tenants"],
)
def list_openings(request: HttpRequest) -> Any:
    return openings.of(caller(request))


@api.post(
    "/invitations/{uuid:invitation_id}/accept",
    response=JoinedOut,
    operation_id="accept_invitation",
    summary="Accept an invitation to your address",
    tags=["tenants"],
)
def accept_invitation(request: HttpRequest, invitation_id: UUID) -> JoinedOut:
    membership = openings.accept(caller(request), invitation_id)
    return JoinedOut(slug=membership.tenant.slug, role=membership.role)


@api.post(
    "/join",
    response=JoinedOut,
    operation_id="join",
    summary="Become a member by the domain of your address",
    tags=["tenants"],
)
def join(request: HttpRequest, body: JoinIn) -> JoinedOut:
    membership = openings.join(caller(request), body.slug)
    return JoinedOut(slug=membership.tenant.slug, role=membership.role)


@api.post("/hop", response=HopOut, operation_id="hop", summary="Go to a tenant's host", tags=["tenants"])
def begin_hop(request: HttpRequest, body: HopIn) -> HopOut:
    """The link works once, for 60 s, in the browser whose nonce was hashed."""
    person = caller(request)
    if not body.binding:
        return HopOut(url=hop.start_url(person, body.slug))
    methods = request.session.get(policy.METHODS, [])
    url = hop.issue(person, body.slug, binding=body.binding, hostname=body.host, methods=methods)
    return HopOut(url=url)
