"""Invitations to the tenant. Runs as the role `identity`, so every query names the tenant itself."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from saas.api import security
from tenants.models import Invitation
from tenants.people import invitations, signin

router = Router(tags=["invitations"])


class InvitationIn(Schema, extra="forbid"):
    email: str = Field(examples=["ada@example.com"])
    role: str = Field(examples=["editor"])


class InvitationOut(Schema):
    """Its token is in the mail alone."""

    id: UUID
    email: str
    role: str
    created_at: datetime
    expires_at: datetime


class InvitationList(Schema):
    items: list[InvitationOut]


class AcceptIn(Schema, extra="forbid"):
    token: str = Field(description="What stands behind `/invitations/` in the link.", max_length=500)
    name: str = Field("", max_length=200)
    password: str = Field(
        "", max_length=1_000, description="Of the person who has the address; if nobody has it, a new one."
    )


class AcceptedOut(Schema):
    email: str
    role: str


@router.get(
    "",
    response=InvitationList,
    operation_id="list_invitations",
    summary="List open invitations, newest first",
)
@security.permission("members.read")
def list_invitations(request: HttpRequest) -> dict[str, object]:
    return {"items": list(invitations.listing(security.tenant(request)))}


@router.post("", response={201: InvitationOut}, operation_id="invite", summary="Invite an address by mail")
@security.permission("members.manage")
def invite(request: HttpRequest, body: InvitationIn) -> Status[Invitation]:
    """The link is good once, for seven days, for the person with this address. Nobody grants what they do not hold.

    It takes a seat of the plan until it is revoked or expires.
    """
    made = invitations.invite(security.tenant(request), body.email, body.role, by=security.caller(request))
    return Status(201, made)


@router.post(
    "/{uuid:invitation_id}/resend",
    response=InvitationOut,
    operation_id="resend_invitation",
    summary="Send a new link; the old one is void",
)
@security.permission("members.manage")
def resend_invitation(request: HttpRequest, invitation_id: UUID) -> Invitation:
    return invitations.resend(invitation_id, security.tenant(request), by=security.caller(request))


@router.delete(
    "/{uuid:invitation_id}",
    response={204: None},
    operation_id="revoke_invitation",
    summary="Make an invitation void",
)
@security.permission("members.manage")
def revoke_invitation(request: HttpRequest, invitation_id: UUID) -> Status[None]:
    invitations.revoke(invitation_id, security.tenant(request), by=security.caller(request))
    return Status(204, None)


@router.post(
    "/accept",
    response=AcceptedOut,
    auth=None,
    operation_id="accept_invitation",
    summary="Become a member by the token of an invitation",
)
@security.everybody
def accept_invitation(request: HttpRequest, body: AcceptIn) -> AcceptedOut:
    """Whoever is signed in on this host accepts as themselves; everybody else proves who they are by a password."""
    security.refuse_foreign_origin(request)
    tenant = security.tenant(request)
    membership = invitations.accept(
        body.token,
        tenant,
        signed_in=signin.signed_in(request, tenant),
        name=body.name,
        password=body.password,
    )
    return AcceptedOut(email=membership.user.email, role=membership.role)
