"""Roles: the built-in ones, those that the tenant defines, and what there is to be permitted. Runs as `identity`."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from saas.api import security
from tenants.models import CustomRole, Role
from tenants.people import permissions, roles

router = Router(tags=["roles"])


class PermissionOut(Schema):
    code: str
    text: str


class BuiltInOut(Schema):
    role: str
    permissions: list[str]


class RoleOut(Schema):
    id: UUID
    name: str
    permissions: list[str]


class RoleList(Schema):
    built_in: list[BuiltInOut]
    items: list[RoleOut]
    permissions: list[PermissionOut]


class RoleIn(Schema, extra="forbid"):
    name: str = Field(examples=["Packer"])
    permissions: list[str] = Field(examples=[["products.write"]], max_length=200)


class RolePatch(Schema, extra="forbid"):
    """Only what is sent is changed."""

    name: str | None = None
    permissions: list[str] | None = Field(None, max_length=200)


@router.get("", response=RoleList, operation_id="list_roles", summary="List roles and permissions")
@security.permission("members.read")
def list_roles(request: HttpRequest) -> RoleList:
    rows = CustomRole.objects.filter(tenant_id=security.tenant(request).id).order_by("name")
    return RoleList(
        built_in=[
            BuiltInOut(role=role, permissions=sorted(permissions.of_role(role))) for role in Role.values
        ],
        items=[RoleOut.from_orm(row) for row in rows],
        permissions=[PermissionOut(code=one.code, text=one.text) for one in permissions.declared()],
    )


@router.post("", response={201: RoleOut}, operation_id="create_role", summary="Define a role")
@security.permission("roles.manage")
def create_role(request: HttpRequest, body: RoleIn) -> Status[CustomRole]:
    """It adds to a member's built-in role. Nobody grants what they do not hold."""
    made = roles.create(security.tenant(request), body.name, body.permissions, by=security.caller(request))
    return Status(201, made)


@router.patch("/{uuid:role_id}", response=RoleOut, operation_id="update_role", summary="Change a role")
@security.permission("roles.manage")
def update_role(request: HttpRequest, role_id: UUID, body: RolePatch) -> CustomRole:
    return roles.update(
        role_id,
        security.tenant(request),
        by=security.caller(request),
        name=body.name,
        granted=body.permissions,
    )


@router.delete(
    "/{uuid:role_id}",
    response={204: None},
    operation_id="delete_role",
    summary="Delete a role that nobody has",
)
@security.permission("roles.manage")
def delete_role(request: HttpRequest, role_id: UUID) -> Status[None]:
    roles.delete(role_id, security.tenant(request), by=security.caller(request))
    return Status(204, None)
