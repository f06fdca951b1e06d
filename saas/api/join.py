"""Becoming a member by the domain of one's address. Runs as the role `identity`."""

from django.http import HttpRequest
from ninja import Field, Router, Schema

from saas.api import security
from tenants.people import exceptions as refusals
from tenants.people import openings, signin

router = Router(tags=["join"])


class JoinIn(Schema, extra="forbid"):
    email: str = Field(
        "", max_length=254, description="Needed, with the password, where no session is at hand."
    )
    password: str = Field("", max_length=1_000)


class JoinedOut(Schema):
    email: str
    role: str


@router.post(
    "",
    response=JoinedOut,
    auth=None,
    operation_id="join",
    summary="Become a member by the domain of a proven address",
)
@security.everybody
def join(request: HttpRequest, body: JoinIn) -> JoinedOut:
    """One answer, `join_refused`, to an unknown address, a wrong password, and a domain that opens nothing here.

    It starts no session.
    """
    security.refuse_foreign_origin(request)
    tenant = security.tenant(request)
    person = signin.signed_in(request, tenant)
    if person is not None and not body.email:
        membership = openings.join_here(person, tenant)
    elif body.email:
        membership = openings.join_by_password(request, tenant, email=body.email, password=body.password)
    else:
        raise refusals.InvalidAddress("Say who you are: send `email` and `password`.")
    return JoinedOut(email=membership.user.email, role=membership.role)
