"""Groups of members. Runs as the role `identity`, so every query names the tenant itself."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from saas.api import security
from tenants.models import Group, GroupMembership
from tenants.people import groups

router = Router(tags=["groups"])


class GroupOut(Schema):
    id: UUID
    name: str
    role: str
    custom_role_id: UUID | None


class GroupList(Schema):
    items: list[GroupOut]


class GroupIn(Schema, extra="forbid"):
    name: str = Field(examples=["Packers"])
    role: str = Field("", examples=["editor"], description="A built-in role that it gives, or none.")
    custom_role_id: UUID | None = None


class InGroupOut(Schema):
    id: UUID
    email: str


class InGroupList(Schema):
    items: list[InGroupOut]


@router.get("", response=GroupList, operation_id="list_groups", summary="List groups")
@security.permission("members.read")
def list_groups(request: HttpRequest) -> dict[str, object]:
    return {"items": list(Group.objects.filter(tenant_id=security.tenant(request).id).order_by("name"))}


@router.post("", response={201: GroupOut}, operation_id="create_group", summary="Make a group")
@security.permission("roles.manage")
def create_group(request: HttpRequest, body: GroupIn) -> Status[Group]:
    made = groups.create(security.tenant(request), by=security.caller(request), **body.model_dump())
    return Status(201, made)


@router.put("/{uuid:group_id}", response=GroupOut, operation_id="update_group", summary="Change a group")
@security.permission("roles.manage")
def update_group(request: HttpRequest, group_id: UUID, body: GroupIn) -> Group:
    return groups.update(group_id, security.tenant(request), by=security.caller(request), **body.model_dump())


@router.delete(
    "/{uuid:group_id}", response={204: None}, operation_id="delete_group", summary="Delete a group"
)
@security.permission("roles.manage")
def delete_group(request: HttpRequest, group_id: UUID) -> Status[None]:
    """Its members stay members of the tenant."""
    groups.delete(group_id, security.tenant(request), by=security.caller(request))
    return Status(204, None)


@router.get(
    "/{uuid:group_id}/members",
    response=InGroupList,
    operation_id="list_group_members",
    summary="List a group",
)
@security.permission("members.read")
def list_group_members(request: HttpRequest, group_id: UUID) -> InGroupList:
    tenant = security.tenant(request)
    rows = GroupMembership.objects.filter(
        tenant_id=tenant.id, group=groups.find(group_id, tenant), membership__ended_at__isnull=True
    )
    found = rows.order_by("membership__user__email").values_list("membership_id", "membership__user__email")
    return InGroupList(items=[InGroupOut(id=one, email=email) for one, email in found])


@router.put(
    "/{uuid:group_id}/members/{uuid:member_id}",
    response={204: None},
    operation_id="put_in_group",
    summary="Put a member into a group",
)
@security.permission("members.manage")
def put_in_group(request: HttpRequest, group_id: UUID, member_id: UUID) -> Status[None]:
    groups.put_in(member_id, group_id, security.tenant(request), by=security.caller(request))
    return Status(204, None)


@router.delete(
    "/{uuid:group_id}/members/{uuid:member_id}",
    response={204: None},
    operation_id="take_out_of_group",
    summary="Take a member out of a group",
)
@security.permission("members.manage")
def take_out_of_group(request: HttpRequest, group_id: UUID, member_id: UUID) -> Status[None]:
    groups.take_out(member_id, group_id, security.tenant(request), by=security.caller(request))
    return Status(204, None)
