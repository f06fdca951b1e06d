"""What this tenant asks of everybody who signs in to it. Runs as the role `identity`."""

from django.http import HttpRequest
from ninja import Router, Schema

from saas.api import security
from tenants.people import addresses, policy

router = Router(tags=["security"])


class PolicyBody(Schema, extra="forbid"):
    mfa_required: bool = False
    session_minutes: int | None = None
    networks: list[str] = []


@router.get("", response=PolicyBody, operation_id="read_security", summary="Read the security policy")
@security.permission("security.manage")
def read_security(request: HttpRequest) -> policy.Policy:
    return policy.of(security.tenant(request))


@router.put("", response=PolicyBody, operation_id="set_security", summary="Set the security policy")
@security.permission("security.manage")
def set_security(request: HttpRequest, body: PolicyBody) -> policy.Policy:
    """Your own address must be in one of the networks. It holds from the next request of each member on."""
    member = security.caller(request)
    wish = policy.Policy(body.mfa_required, body.session_minutes, tuple(body.networks))
    address = addresses.of(request)
    return policy.change(security.tenant(request), wish, by=member.user, address=address)
