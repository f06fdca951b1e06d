"""Who is calling, and in which tenant."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from billing import subscriptions
from saas.api import security

router = Router(tags=["me"])


class TenantOut(Schema):
    id: UUID
    slug: str
    name: str
    plan: str | None


class MeOut(Schema):
    id: UUID
    email: str
    name: str
    role: str
    permissions: list[str]
    tenant: TenantOut


@router.get("", response=MeOut, operation_id="read_me", summary="Read the caller and the tenant")
def read_me(request: HttpRequest) -> MeOut:
    member, tenant = security.require(request, "tenant.read"), security.tenant(request)
    subscription = subscriptions.current(tenant.id)
    return MeOut(
        id=member.user.id,
        email=member.user.email,
        name=member.user.name,
        role=member.role,
        permissions=sorted(member.permissions),
        tenant=TenantOut(
            id=tenant.id,
            slug=tenant.slug,
            name=tenant.name,
            plan=subscription.plan.code if subscription else None,
        ),
    )
