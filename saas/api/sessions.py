"""Where the caller is signed in, and ending it. Runs as the role `identity`."""

from datetime import datetime

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status

from saas.api import security
from tenants.people import devices, memberships, signin

router = Router(tags=["session"])


class DeviceOut(Schema):
    id: str
    began: datetime
    expires: datetime
    address: str
    browser: str
    current: bool


class DeviceList(Schema):
    items: list[DeviceOut]
    elsewhere: int


@router.get("", response=DeviceList, operation_id="list_sessions", summary="List where you are signed in")
@security.every_member
def list_sessions(request: HttpRequest) -> dict[str, object]:
    """In browsers on this host; `elsewhere` counts those on hosts of other tenants."""
    user, tenant = _person(request).user, security.tenant(request)
    items = devices.of(user, tenant, request.session.session_key)
    return {"items": items, "elsewhere": devices.elsewhere(user, tenant)}


@router.delete(
    "/{str:device_id}", response={204: None}, operation_id="end_session", summary="End one of your sessions"
)
@security.every_member
def end_session(request: HttpRequest, device_id: str) -> Status[None]:
    if not devices.end(_person(request).user, security.tenant(request), device_id):
        raise Http404
    return Status(204, None)


@router.delete("", response={204: None}, operation_id="end_sessions", summary="Sign out everywhere")
@security.every_member
def end_sessions(request: HttpRequest) -> Status[None]:
    """End all of your sessions in all tenants, this one too."""
    devices.end_everywhere(_person(request).user, security.tenant(request))
    signin.sign_out(request)
    return Status(204, None)


def _person(request: HttpRequest) -> memberships.Member:
    """Return the caller, in person: a key acts for somebody and is nobody's browser."""
    member = security.require(request, "tenant.read")
    if security.used_key(request):
        raise Http404
    return member
