"""The page where a tenant's owner and admins see who is a member, and invite others. Runs as `identity`."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from saas import doors
from saas.api import errors, security
from tenants import exceptions
from tenants.models import Role
from tenants.people import exceptions as refusals
from tenants.people import invitations, memberships, permissions

HOME = "/people"
SHOWN = 200  # members; the API has pages of them


@require_http_methods(["GET", "POST"])
@doors.for_members(permission="members.read")
def people(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    """Show who is a member and who is invited; a POST invites."""
    if request.method == "GET":
        return _page(request, member)
    email, role = request.POST.get("email", ""), request.POST.get("role", "")
    try:
        memberships.require_member(member, "members.manage")
        invitations.invite(security.tenant(request), email, role, by=member)
    except exceptions.TenancyError as error:
        return _page(request, member, error=error, email=email, role=role)
    return redirect(HOME)


@require_POST
@doors.for_members(permission="members.manage")
def resend(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    try:
        invitations.resend(_id(request), security.tenant(request), by=member)
    except exceptions.TenancyError as error:
        return _page(request, member, error=error)
    return redirect(HOME)


@require_POST
@doors.for_members(permission="members.manage")
def revoke(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    try:
        invitations.revoke(_id(request), security.tenant(request), by=member)
    except exceptions.TenancyError as error:
        return _page(request, member, error=error)
    return redirect(HOME)


def _id(request: HttpRequest) -> UUID:
    """Return which invitation a form names. Raises UnknownInvitation."""
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError:
        raise refusals.UnknownInvitation() from None


def _page(
    request: HttpRequest,
    member: memberships.Member,
    *,
    error: exceptions.TenancyError | None = None,
    email: str = "",
    role: str = Role.VIEWER,
) -> HttpResponse:
    """Show the page, and a refusal on it; the roles to choose from are those that the inviter may give."""
    if isinstance(error, exceptions.Refused):
        request.refusal = error  # type: ignore[attr-defined]  # kept by the middleware, after the rollback
    tenant = security.tenant(request)
    found = memberships.live(tenant).select_related("custom_role").order_by("user__email")
    values = {
        "tenant": tenant,
        "member": member,
        "members": found[:SHOWN],
        "invitations": invitations.listing(tenant),
        "manages": member.may("members.manage"),
        "roles": [one for one in Role if permissions.of_role(one) <= member.held],
        "error": error,
        "email": email,
        "chosen": role,
    }
    status = errors.STATUS.get(error.code, 400) if error else 200
    return render(request, "tenant/people.html", values, status=status)
