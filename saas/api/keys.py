"""API keys of the tenant. Runs as the role `identity`, so every query names the tenant itself."""

from datetime import datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from saas.api import security
from tenants.models import ApiKey
from tenants.people import keys, service_accounts

router = Router(tags=["keys"])


class KeyIn(Schema, extra="forbid"):
    name: str = Field(min_length=1, max_length=100)
    expires_at: AwareDatetime | None = None
    scopes: list[str] | None = Field(
        default=None, description="Permissions; left out or `*`: all that its member may."
    )
    service_account_id: UUID | None = Field(default=None, description="For whom it acts; left out: you.")


class RotationIn(Schema, extra="forbid"):
    overlap_seconds: int = Field(
        default=86_400,
        ge=0,
        le=int(keys.OVERLAP_MAX.total_seconds()),
        description="How long the old secret stays valid.",
    )


class KeyOut(Schema):
    id: UUID
    name: str
    prefix: str
    scopes: list[str] | None
    membership_id: UUID | None
    service_account_id: UUID | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    replaces_id: UUID | None


class NewKeyOut(KeyOut):
    secret: str = Field(description="Shown this once.")


class KeyList(Schema):
    items: list[KeyOut]


@router.get("", response=KeyList, operation_id="list_keys", summary="List API keys")
@security.permission("keys.manage")
def list_keys(request: HttpRequest) -> dict[str, object]:
    return {
        "items": list(ApiKey.objects.filter(tenant_id=security.tenant(request).id).order_by("-created_at"))
    }


@router.post(
    "",
    response={201: NewKeyOut},
    operation_id="create_key",
    summary="Make an API key that acts as you, or as a service account that may do no more than you",
)
@security.permission("keys.manage")
def create_key(request: HttpRequest, body: KeyIn) -> Status[NewKeyOut]:
    member = security.caller(request)
    tenant, account = security.tenant(request), None
    if body.service_account_id is not None:
        security.require(request, "service_accounts.manage")
        account = service_accounts.live(body.service_account_id, tenant)
    made = keys.create(
        member, tenant, name=body.name, expires_at=body.expires_at, scopes=body.scopes, account=account
    )
    return Status(201, _shown(made))


@router.post(
    "/{uuid:key_id}/rotate",
    response={201: NewKeyOut},
    operation_id="rotate_key",
    summary="Make the successor of a key of yours or of a service account; both work for a while",
)
@security.permission("keys.manage")
def rotate_key(request: HttpRequest, key_id: UUID, body: RotationIn) -> Status[NewKeyOut]:
    member = security.caller(request)
    overlap = timedelta(seconds=body.overlap_seconds)
    return Status(201, _shown(keys.rotate(key_id, security.tenant(request), by=member, overlap=overlap)))


@router.delete("/{uuid:key_id}", response={204: None}, operation_id="revoke_key", summary="Revoke an API key")
@security.permission("keys.manage")
def revoke_key(request: HttpRequest, key_id: UUID) -> Status[None]:
    member = security.caller(request)
    if not keys.revoke(key_id, security.tenant(request), by=member.user):
        raise Http404
    return Status(204, None)


def _shown(made: keys.NewKey) -> NewKeyOut:
    return NewKeyOut(**KeyOut.from_orm(made.key).model_dump(), secret=made.secret)
