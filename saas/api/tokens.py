"""Short-lived tokens (JWT) of the caller, for this API and other services. Runs as the role `identity`."""

from datetime import datetime, timedelta

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from saas.api import security
from tenants.people import jwts

router = Router(tags=["tokens"])
SECONDS_MAX = int(jwts.LIFETIME.total_seconds())


class TokenIn(Schema, extra="forbid"):
    service: str = Field(default=jwts.OURS, description="Who will verify it; `api` is this API.")
    scopes: list[str] | None = Field(
        default=None, description="Permissions; all of the caller's if left out."
    )
    seconds: int = Field(default=SECONDS_MAX, ge=1, le=SECONDS_MAX)


class TokenOut(Schema):
    token: str = Field(description="Shown this once.")
    token_type: str = Field(default="Bearer")
    scopes: list[str]
    expires_at: datetime


@router.post(
    "", response={201: TokenOut}, operation_id="create_token", summary="Make a short-lived token of you"
)
@security.permission("tenant.read")
def create_token(request: HttpRequest, body: TokenIn) -> Status[TokenOut]:
    member = security.caller(request)
    issued = jwts.issue(
        member,
        security.tenant(request),
        service=body.service,
        scopes=body.scopes,
        lifetime=timedelta(seconds=body.seconds),
    )
    return Status(201, TokenOut(token=issued.token, scopes=issued.scopes, expires_at=issued.expires_at))
