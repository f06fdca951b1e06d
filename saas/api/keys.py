"""API keys of the tenant. Runs as the role `identity`, so every query names the tenant itself."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from saas.api import security
from tenants.models import ApiKey
from tenants.people import keys

router = Router(tags=["keys"])


class KeyIn(Schema, extra="forbid"):
    name: str = Field(min_length=1, max_length=100)
    expires_at: datetime | None = None


class KeyOut(Schema):
    id: UUID
    name: str
    prefix: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


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
    "", response={201: NewKeyOut}, operation_id="create_key", summary="Make an API key that acts as you"
)
@security.permission("keys.manage")
def create_key(request: HttpRequest, body: KeyIn) -> Status[NewKeyOut]:
    member = security.caller(request)
    made = keys.create(member, security.tenant(request), name=body.name, expires_at=body.expires_at)
    fields = KeyOut.from_orm(made.key).model_dump()
    return Status(201, NewKeyOut(**fields, secret=made.secret))


@router.delete("/{uuid:key_id}", response={204: None}, operation_id="revoke_key", summary="Revoke an API key")
@security.permission("keys.manage")
def revoke_key(request: HttpRequest, key_id: UUID) -> Status[None]:
    member = security.caller(request)
    if not keys.revoke(key_id, security.tenant(request), by=member.user):
        raise Http404
    return Status(204, None)
