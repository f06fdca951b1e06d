"""Members of the tenant. Runs as the role `identity`, so every query names the tenant itself."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from billing import seats
from saas.api import pagination, security
from tenants.models import GroupMembership, Membership
from tenants.people import memberships, ownership, roles

router = Router(tags=["members"])


class NamedOut(Schema):
    id: UUID
    name: str


class MemberOut(Schema):
    id: UUID = Field(description="Of the membership; whoever comes back gets another one.")
    email: str
    name: str
    role: str
    custom_role: NamedOut | None
    groups: list[NamedOut]
    created_at: datetime


class SeatsOut(Schema):
    """Members and people who are invited take a seat each."""

    used: int = Field(description="Members.")
    invited: int = Field(description="Open invitations that have not expired.")
    limit: int | None = Field(description="How many the plan allows; null is any number.")


class MemberPage(pagination.Page):
    items: list[MemberOut]
    seats: SeatsOut


class MemberPatch(Schema, extra="forbid"):
    """Only what is sent is changed."""

    role: str | None = Field(None, examples=["editor"])
    custom_role_id: UUID | None = Field(None, description="null takes the custom role away.")


@router.get("", response=MemberPage, operation_id="list_members", summary="List members, newest first")
@security.permission("members.read")
def list_members(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=pagination.LIMIT_MAX)] = pagination.LIMIT_DEFAULT,
    cursor: str | None = None,
) -> MemberPage:
    tenant = security.tenant(request)
    found = memberships.live(tenant).select_related("custom_role").order_by("-created_at", "-id")
    if cursor:
        at, last = pagination.decode(cursor, tenant=tenant)
        found = found.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=last))
    rows = list(found[: limit + 1])
    following = pagination.encode(rows[limit - 1], tenant=tenant) if len(rows) > limit else None
    taken = SeatsOut(**asdict(seats.of(tenant)))
    return MemberPage(items=_shown(rows[:limit]), next=following, seats=taken)


@router.post("/leave", response={204: None}, operation_id="leave", summary="End your own membership")
@security.every_member
def leave(request: HttpRequest) -> Status[None]:
    memberships.leave(security.tenant(request), by=security.caller(request))
    return Status(204, None)


@router.patch(
    "/{uuid:member_id}", response=MemberOut, operation_id="update_member", summary="Change a member's roles"
)
@security.permission("members.manage")
def update_member(request: HttpRequest, member_id: UUID, body: MemberPatch) -> MemberOut:
    """Nobody gives or takes what they do not hold themselves."""
    tenant, caller = security.tenant(request), security.caller(request)
    sent = body.model_dump(exclude_unset=True)
    with memberships.changing(tenant, by=caller):
        if sent.get("role") is not None:
            memberships.change_role(member_id, tenant, sent["role"], by=caller)
        if "custom_role_id" in sent:
            roles.assign(member_id, tenant, sent["custom_role_id"], by=caller)
        return _shown([memberships.find(member_id, tenant)])[0]


@router.delete(
    "/{uuid:member_id}",
    response={204: None},
    operation_id="remove_member",
    summary="End somebody's membership",
)
@security.permission("members.manage")
def remove_member(request: HttpRequest, member_id: UUID) -> Status[None]:
    memberships.remove(member_id, security.tenant(request), by=security.caller(request))
    return Status(204, None)


@router.post(
    "/{uuid:member_id}/ownership",
    response=MemberOut,
    operation_id="transfer_ownership",
    summary="Make a member the owner in your place",
)
@security.permission("tenant.transfer")
def transfer_ownership(request: HttpRequest, member_id: UUID) -> MemberOut:
    """You become an admin."""
    return _shown([ownership.transfer(member_id, security.tenant(request), by=security.caller(request))])[0]


def _shown(rows: list[Membership]) -> list[MemberOut]:
    groups: dict[UUID, list[NamedOut]] = {row.id: [] for row in rows}
    found = GroupMembership.objects.filter(
        tenant_id__in={row.tenant_id for row in rows}, membership_id__in=groups
    )
    for one in found.select_related("group").order_by("group__name"):
        groups[one.membership_id].append(NamedOut(id=one.group_id, name=one.group.name))
    return [
        MemberOut(
            id=row.id,
            email=row.user.email,
            name=row.user.name,
            role=row.role,
            custom_role=NamedOut(id=row.custom_role.id, name=row.custom_role.name)
            if row.custom_role
            else None,
            groups=groups[row.id],
            created_at=row.created_at,
        )
        for row in rows
    ]
