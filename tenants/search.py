"""Prefix search that keeps its index under row-level security: a range of text, where LIKE would read all rows.

PostgreSQL asks an index only what cannot leak rows that the policy hides. LIKE, ILIKE, `lower()`, full text and jsonb
operators are not marked so, comparisons of text are. In the collation "C" text is ordered by code point, which is what
Python compares by, so that "starts with" is a range.

    class Note(models.Model):
        tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
        title = models.CharField(max_length=100)
        title_lower = search.lowered("title")
        class Meta:
            indexes = [search.index("tenant", "title_lower", name="notes_note_title")]

    Note.objects.filter(search.starts_with("title_lower", search.lower(text)))
"""

import sys

from django.db.models import F, GeneratedField, Index, Q, TextField
from django.db.models.functions import Collate, Lower
from django.db.models.lookups import GreaterThanOrEqual, LessThan

CODE_POINT_ORDER = "C"
LAST = chr(sys.maxunicode)
BEFORE_SURROGATES, AFTER_SURROGATES = "\ud7ff", "\ue000"
NOTHING = Q(pk__in=[])


def starts_with(field: str, prefix: str) -> Q:
    """Return the condition that field begins with prefix, exactly; an empty one fits every text and no NULL.

    A prefix that no text of PostgreSQL can hold (NUL, half a surrogate pair) fits none. `index` makes it fast.
    """
    if not is_storable(prefix):
        return NOTHING
    text, end = Collate(F(field), CODE_POINT_ORDER), after(prefix)
    found = Q(GreaterThanOrEqual(text, prefix))
    return found if end is None else found & Q(LessThan(text, end))


def index(*fields: str, name: str) -> Index:
    """Return the index for `starts_with` on the last of fields. In a shared table the first is the tenant."""
    *leading, text = fields
    return Index(*map(F, leading), Collate(F(text), CODE_POINT_ORDER), name=name)


def lowered(field: str) -> GeneratedField:
    """Return a field that PostgreSQL keeps as the lower case of another one, for a search that ignores case."""
    return GeneratedField(expression=Lower(field), output_field=TextField(), db_persist=True)


def lower(text: str) -> str:
    """Return text in lower case as PostgreSQL does it: each character by itself, and each stays one character."""
    return "".join(char.lower()[0] for char in text)


def after(prefix: str) -> str | None:
    """Return the first text behind all that begin with prefix, in the order of code points; None if none is behind."""
    stem = prefix.rstrip(LAST)
    if not stem:
        return None
    following = AFTER_SURROGATES if stem[-1] == BEFORE_SURROGATES else chr(ord(stem[-1]) + 1)
    return stem[:-1] + following


def is_storable(text: str) -> bool:
    """Whether a text column can hold it: UTF-8 without NUL."""
    return not any(char == "\0" or BEFORE_SURROGATES < char < AFTER_SURROGATES for char in text)
