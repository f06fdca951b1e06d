"""The session of a browser on this host. Runs as the role `identity`."""

from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Schema, Status

from saas.api import security
from tenants.people import signin

router = Router(tags=["session"])


class Credentials(Schema, extra="forbid"):
    email: str
    password: str
    code: str = ""


class CodeIn(Schema, extra="forbid"):
    code: str


class SessionOut(Schema):
    email: str
    role: str
    csrf_token: str


@router.post("", response=SessionOut, auth=None, operation_id="sign_in", summary="Sign in with a password")
@security.everybody
def sign_in(request: HttpRequest, body: Credentials) -> SessionOut:
    security.refuse_foreign_origin(request)
    member = signin.sign_in(
        request, security.tenant(request), email=body.email, password=body.password, code=body.code
    )
    return SessionOut(email=member.user.email, role=member.role, csrf_token=get_token(request))


@router.post(
    "/code", response=SessionOut, auth=None, operation_id="give_code", summary="End a sign-in with a code"
)
@security.everybody
def give_code(request: HttpRequest, body: CodeIn) -> SessionOut:
    """After `mfa_required`: a code of the authenticator app or a recovery code, from the same browser."""
    security.refuse_foreign_origin(request)
    member = signin.give_code(request, security.tenant(request), code=body.code)
    return SessionOut(email=member.user.email, role=member.role, csrf_token=get_token(request))


@router.delete("", response={204: None}, operation_id="sign_out", summary="Sign out")
@security.every_member
def sign_out(request: HttpRequest) -> Status[None]:
    signin.sign_out(request)
    return Status(204, None)
