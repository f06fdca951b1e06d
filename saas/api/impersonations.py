"""Operators who acted as members of the tenant, and whether they may. Runs as the role `identity`."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from saas.api import security
from tenants.models import ImpersonationGrant
from tenants.people import impersonation

router = Router(tags=["impersonations"])


class ImpersonationOut(Schema):
    id: UUID
    operator: str
    member: str
    reason: str
    read_only: bool
    created_at: datetime
    expires_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class ImpersonationList(Schema):
    forbidden_since: datetime | None
    items: list[ImpersonationOut]


class SettingIn(Schema, extra="forbid"):
    forbidden: bool


class SettingOut(Schema):
    forbidden_since: datetime | None


@router.get(
    "", response=ImpersonationList, operation_id="list_impersonations", summary="List what operators did"
)
@security.permission("audit.read")
def list_impersonations(request: HttpRequest) -> dict[str, object]:
    """The newest hundred; what was asked for in each stands in the audit as `impersonation.request`."""
    tenant = security.tenant(request)
    items = [_out(row) for row in impersonation.listing(tenant)]
    return {"forbidden_since": impersonation.forbidden_since(tenant), "items": items}


@router.put(
    "/setting",
    response=SettingOut,
    operation_id="set_impersonation",
    summary="Forbid or allow operators to act as members",
)
@security.permission("security.manage")
def set_impersonation(request: HttpRequest, body: SettingIn) -> dict[str, object]:
    """Forbidding ends the impersonations that are under way."""
    member = security.caller(request)
    tenant = security.tenant(request)
    verb = impersonation.forbid if body.forbidden else impersonation.allow
    verb(tenant, by=member.user)
    return {"forbidden_since": impersonation.forbidden_since(tenant)}


def _out(row: ImpersonationGrant) -> ImpersonationOut:
    return ImpersonationOut(
        id=row.id,
        operator=row.operator_name,
        member=row.membership.user.email,
        reason=row.reason,
        read_only=row.read_only,
        created_at=row.created_at,
        expires_at=row.expires_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
