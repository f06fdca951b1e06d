"""Writes down which tenants' rows a page of the console has shown to an operator: one entry for a request."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from tenants.models import Tenant
from tenants.people import operators

SHOWN = "shown_tenants"  # where a page that lists no rows of a model says whose it shows


def record(request: HttpRequest, response: HttpResponse) -> None:
    """Record the page if it shows rows of tenants. Runs in the request's transaction, after the page was made."""
    values: dict[str, Any] | None = getattr(response, "context_data", None)
    if response.status_code != 200 or values is None:
        return
    found = tuple(dict.fromkeys(_tenants(values)))
    if found:
        operators.record(request.user, "read", subject=request.path, tenant_ids=found)


def _tenants(values: dict[str, Any]) -> Iterator[UUID]:
    """Yield whose rows a page got: of a list, of a form and its inlines, of a question, of the dashboard."""
    yield from values.get(SHOWN, ())
    yield from _owners(getattr(values.get("cl"), "result_list", ()))
    yield from _owners([values.get("original")])
    yield from _owners(values.get("tenants") or ())
    for inline in values.get("inline_admin_formsets") or ():
        yield from _owners(form.instance for form in inline.formset.forms)


def _owners(rows: Iterable[Any]) -> Iterator[UUID]:
    for row in rows:
        owner = row.pk if isinstance(row, Tenant) else getattr(row, "tenant_id", None)
        if owner is not None:
            yield owner
