"""Passkeys by the API of the apex: signing in, adding and taking away."""

from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from saas.apex.caller import PersonOut, caller, person_out
from saas.api import security
from tenants.people import keyring

router = Router(tags=["passkeys"])


class CredentialIn(Schema, extra="forbid"):
    credential: dict[str, Any] = Field(
        description="What `navigator.credentials` gave, binary parts in base64url."
    )


class PasskeyIn(CredentialIn):
    name: str = Field("", max_length=keyring.NAME_LENGTH)


class OptionsOut(Schema):
    options: dict[str, Any] = Field(description="For `navigator.credentials`, binary parts in base64url.")


class FactorOut(Schema):
    id: str
    type: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class FactorList(Schema):
    items: list[FactorOut]


@router.post(
    "/session/passkey/options",
    response=OptionsOut,
    auth=None,
    operation_id="begin_passkey_sign_in",
    summary="Begin a sign-in with a passkey",
)
def begin_sign_in(request: HttpRequest) -> OptionsOut:
    security.refuse_foreign_origin(request)
    return OptionsOut(options=keyring.challenge(request))


@router.post(
    "/session/passkey",
    response=PersonOut,
    auth=None,
    operation_id="sign_in_with_passkey",
    summary="Sign in with a passkey",
)
def sign_in(request: HttpRequest, body: CredentialIn) -> PersonOut:
    security.refuse_foreign_origin(request)
    return person_out(request, keyring.sign_in(request, body.credential))


@router.get("/factors", response=FactorList, operation_id="list_factors", summary="List your second factors")
def list_factors(request: HttpRequest) -> FactorList:
    return FactorList(items=[_shown(one) for one in keyring.of(caller(request))])


@router.post(
    "/factors/passkeys/options",
    response=OptionsOut,
    operation_id="begin_passkey",
    summary="Begin to add a passkey",
)
def begin(request: HttpRequest) -> OptionsOut:
    """Within five minutes of a sign-in."""
    return OptionsOut(options=keyring.begin(request, caller(request)))


@router.post(
    "/factors/passkeys", response={201: FactorOut}, operation_id="add_passkey", summary="Add a passkey"
)
def add(request: HttpRequest, body: PasskeyIn) -> Status[FactorOut]:
    made = keyring.add(request, caller(request), name=body.name, credential=body.credential)
    return Status(201, _shown(made))


@router.delete(
    "/factors/{factor_id}",
    response={204: None},
    operation_id="remove_factor",
    summary="Take a second factor away",
)
def remove(request: HttpRequest, factor_id: str) -> Status[None]:
    """Within five minutes of a sign-in."""
    if not keyring.remove(request, caller(request), factor_id):
        raise Http404
    return Status(204, None)


def _shown(factor: Authenticator) -> FactorOut:
    return FactorOut(
        id=str(factor.pk),
        type=factor.type,
        name=str(factor) if factor.type == Authenticator.Type.WEBAUTHN else "Authenticator app",
        created_at=factor.created_at,
        last_used_at=factor.last_used_at,
    )
