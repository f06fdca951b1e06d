"""Lists page by page: what comes after a row, by its keys. One index range, however deep the page."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

Row = TypeVar("Row", bound=Model)


def older_than(
    rows: QuerySet[Row],
    moment: datetime,
    id: UUID,  # noqa: A002
    *,
    by: str = "created_at",
) -> QuerySet[Row]:
    """Return those after a row in the order newest first; by names the column of the order."""
    return rows.filter(TupleLessThan(Tuple(by, "id"), (moment, id)))


def newer_than(
    rows: QuerySet[Row],
    moment: datetime,
    id: UUID,  # noqa: A002
    *,
    by: str = "created_at",
) -> QuerySet[Row]:
    """Return those after a row in the order oldest first; by names the column of the order."""
    return rows.filter(TupleGreaterThan(Tuple(by, "id"), (moment, id)))
