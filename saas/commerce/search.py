"""Find products by words: what is in the name, the SKU or the barcode counts most, the description least."""

from datetime import datetime

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, QuerySet

from saas.commerce import products
from saas.commerce.models import Product

QUERY_LENGTH = 200


def published(words: str, *, at: datetime | None = None) -> QuerySet[Product]:
    """Return what shoppers find, the best first: all words needed, "in quotes" together, -word excluded.

    A rank has no index: ask for the first page or two, not for the hundredth.
    """
    query = SearchQuery(words[:QUERY_LENGTH].replace("\x00", " "), config="simple", search_type="websearch")
    found = products.published(at=at).filter(search=query)
    return found.annotate(rank=SearchRank(F("search"), query)).order_by("-rank", "-created_at", "-id")
