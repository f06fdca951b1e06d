"""The tenant's record of who did what: pages of it, and all of it as a file."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime

from saas.api import pagination, security
from tenants import audit_log
from tenants.record import exporting, reading

router = Router(tags=["audit"])
ROWS_PER_FETCH = 500


class EntryOut(Schema):
    """impersonator is the operator who acted under the actor's name. Secrets are masked."""

    id: UUID
    at: datetime
    actor: str
    actor_id: UUID | None
    impersonator: str
    impersonator_id: UUID | None
    action: str
    subject: str
    before: Any
    after: Any
    source: str
    request_id: str
    address: str | None


class EntryPage(pagination.Page):
    items: list[EntryOut]


class FilterIn(Schema):
    action: str = Field("", description="What the action begins with.", examples=["product."])
    actor: str = Field("", description="The address of a person, or the name of a command or a task.")
    since: AwareDatetime | None = None
    until: AwareDatetime | None = Field(None, description="Not included.")

    def filters(self) -> reading.Filters:
        return reading.Filters(self.action, self.actor, self.since, self.until)


class Form(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


LINES = {Form.JSONL: exporting.json_lines, Form.CSV: exporting.csv_lines}
TYPES = {Form.JSONL: "application/x-ndjson", Form.CSV: "text/csv; charset=utf-8"}


@router.get("", response=EntryPage, operation_id="list_audit", summary="List who did what, newest first")
@security.permission("audit.read")
def list_audit(
    request: HttpRequest,
    wanted: Query[FilterIn],
    limit: Annotated[int, Query(ge=1, le=pagination.LIMIT_MAX)] = pagination.LIMIT_DEFAULT,
    cursor: str | None = None,
) -> dict[str, object]:
    found = reading.listing(wanted.filters())
    if cursor:
        found = reading.older_than(found, *pagination.decode(cursor))
    rows = list(found[: limit + 1])
    more = len(rows) > limit
    return {"items": rows[:limit], "next": pagination.encode(rows[limit - 1], time="at") if more else None}


@router.get("/export", operation_id="export_audit", summary="Export who did what as a file")
@security.permission("audit.read")
def export_audit(
    request: HttpRequest, wanted: Query[FilterIn], form: Annotated[Form, Query(alias="format")] = Form.JSONL
) -> StreamingHttpResponse:
    """Send JSON Lines or CSV, newest first; the body is read in a context of its own. The export is recorded."""
    caller = security.caller(request)
    audit_log.record(security.tenant(request).id, "audit.exported", by=caller.user, subject=form)
    entries = reading.listing(wanted.filters()).iterator(chunk_size=ROWS_PER_FETCH)
    response = StreamingHttpResponse(LINES[form](entries), content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="audit.{form}"'
    return response
