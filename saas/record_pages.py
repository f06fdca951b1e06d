"""The page where a tenant reads who did what, and which operator acted under a member's name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from saas import doors
from saas.api import errors, pagination, security
from tenants.people import memberships
from tenants.record import reading

SHOWN = 50


@require_GET
@doors.for_members(permission="audit.read")
def record(request: HttpRequest, member: memberships.Member) -> HttpResponse:
    """Show one page of the record, the newest first."""
    action, actor = request.GET.get("action", "").strip(), request.GET.get("actor", "").strip()
    found, error = reading.listing(reading.Filters(action, actor)), None
    try:
        if cursor := request.GET.get("cursor", ""):
            found = reading.older_than(found, *pagination.decode(cursor))
    except pagination.InvalidCursor as invalid:
        error = invalid
    rows = [] if error else list(found[: SHOWN + 1])
    values = {
        "tenant": security.tenant(request),
        "entries": rows[:SHOWN],
        "older": pagination.encode(rows[SHOWN - 1], time="at") if len(rows) > SHOWN else "",
        "action": action,
        "actor": actor,
        "error": error,
    }
    status = errors.STATUS[error.code] if error else 200
    return render(request, "tenant/record.html", values, status=status)
