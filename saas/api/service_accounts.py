"""Service accounts of the tenant. Runs as the role `identity`, so every query names the tenant itself."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from saas.api import security
from tenants.models import ServiceAccount
from tenants.people import service_accounts

router = Router(tags=["service accounts"])
MANAGE = security.permission("service_accounts.manage")


class AccountIn(Schema, extra="forbid"):
    name: str = Field(min_length=1, max_length=100)
    role: str


class AccountPatch(Schema, extra="forbid"):
    name: str | None = Field(default=None, min_length=1, max_length=100)
    role: str | None = None


class AccountOut(Schema):
    id: UUID
    name: str
    role: str
    created_at: datetime


class AccountList(Schema):
    items: list[AccountOut]


@router.get("", response=AccountList, operation_id="list_service_accounts", summary="List service accounts")
@MANAGE
def list_service_accounts(request: HttpRequest) -> dict[str, object]:
    rows = ServiceAccount.objects.filter(tenant_id=security.tenant(request).id, ended_at=None)
    return {"items": list(rows.order_by("name"))}


@router.post(
    "",
    response={201: AccountOut},
    operation_id="create_service_account",
    summary="Make a service account, which may do no more than you",
)
@MANAGE
def create_service_account(request: HttpRequest, body: AccountIn) -> Status[ServiceAccount]:
    by = security.caller(request)
    account = service_accounts.create(security.tenant(request), name=body.name, role=body.role, by=by)
    return Status(201, account)


@router.get(
    "/{uuid:account_id}",
    response=AccountOut,
    operation_id="read_service_account",
    summary="Read a service account",
)
@MANAGE
def read_service_account(request: HttpRequest, account_id: UUID) -> ServiceAccount:
    return service_accounts.live(account_id, security.tenant(request))


@router.patch(
    "/{uuid:account_id}",
    response=AccountOut,
    operation_id="change_service_account",
    summary="Rename a service account or change its role",
)
@MANAGE
def change_service_account(request: HttpRequest, account_id: UUID, body: AccountPatch) -> ServiceAccount:
    by = security.caller(request)
    return service_accounts.change(
        account_id, security.tenant(request), by=by, name=body.name, role=body.role
    )


@router.delete(
    "/{uuid:account_id}",
    response={204: None},
    operation_id="end_service_account",
    summary="End a service account and revoke its keys",
)
@MANAGE
def end_service_account(request: HttpRequest, account_id: UUID) -> Status[None]:
    by = security.caller(request)
    service_accounts.end(account_id, security.tenant(request), by=by)
    return Status(204, None)
