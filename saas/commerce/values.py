"""What one value of the shop may be; pure. The database checks the same again, against whoever comes another way."""

import re
from typing import TypeGuard

from saas.commerce import exceptions

NAME_LENGTH = 200
SLUG_LENGTH = 100
SKU_LENGTH = 64
DESCRIPTION_LENGTH = 20_000
PRICE_MAX = 2**63 - 1
POSITION_MAX = 2**31 - 1
QUANTITY_MAX = 2**31 - 1
SIZE_MAX = 2**31 - 1  # grams or millimetres
URL_LENGTH = 500
KEY_LENGTH = 500
SEO_TITLE_LENGTH = 120
SEO_DESCRIPTION_LENGTH = 320
REFERENCE_LENGTH = 100
REASON_LENGTH = 500
TITLE_LENGTH = 120
BODY_LENGTH = 5_000
RATING_MAX = 5

# Understood alike by Python and PostgreSQL; Python's \S is the stricter one.
NOT_BLANK = r"\S"
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
SKU = r"^\S+( \S+)*$"
CURRENCY = r"^[A-Z]{3}$"
COUNTRY = r"^[A-Z]{2}$"
BARCODE = r"^([0-9]{8}|[0-9]{12,14})$"
PHONE = r"^[+][1-9][0-9]{6,14}$"
URL = r"^https?://[^\s]+$"
# No way out of the tenant's own prefix: no leading slash, no empty or dotted part.
OBJECT_KEY = r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$"


def name(value: object) -> str:
    """Return value. Raises InvalidName."""
    text = _text(value, NAME_LENGTH, exceptions.InvalidName)
    if not re.search(NOT_BLANK, text):
        raise exceptions.InvalidName
    return text


def description(value: object) -> str:
    """Return value. Raises InvalidDescription."""
    return _text(value, DESCRIPTION_LENGTH, exceptions.InvalidDescription)


def slug(value: object) -> str:
    """Return value. Raises InvalidSlug."""
    return _shaped(_text(value, SLUG_LENGTH, exceptions.InvalidSlug), SLUG, exceptions.InvalidSlug)


def sku(value: object) -> str:
    """Return value. Raises InvalidSku."""
    return _shaped(_text(value, SKU_LENGTH, exceptions.InvalidSku), SKU, exceptions.InvalidSku)


def currency(value: object) -> str:
    """Return value. Raises InvalidCurrency."""
    return _shaped(_text(value, 3, exceptions.InvalidCurrency), CURRENCY, exceptions.InvalidCurrency)


def price(value: object, *, field: str = "price") -> int:
    """Return value, whole minor units. Raises InvalidPrice for field: a float or a bool is never a price."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= PRICE_MAX:
        raise exceptions.InvalidPrice(field=field)
    return value


def price_before(value: object, *, now: int) -> int | None:
    """Return value, the compare-at price, which may be None. Raises InvalidPrice unless it is above now, the price."""
    if value is None:
        return None
    before = price(value, field="compare_at_price")
    if before <= now:
        raise exceptions.InvalidPrice(field="compare_at_price")
    return before


def position(value: object) -> int:
    """Return value. Raises InvalidPosition."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= POSITION_MAX:
        raise exceptions.InvalidPosition
    return value


def pieces(value: object) -> int:
    """Return value, how many of something: at least 1. Raises InvalidQuantity."""
    if not _whole(value, 1, QUANTITY_MAX):
        raise exceptions.InvalidQuantity
    return value


def quantity(value: object) -> int:
    """Return value, what is in stock: 0 or more. Raises InvalidStock."""
    if not _whole(value, 0, QUANTITY_MAX):
        raise exceptions.InvalidStock
    return value


def stock_limits(minimum: object, maximum: object) -> None:
    """Raises InvalidStock unless each is None or a quantity, and the maximum above the minimum and 0."""
    low = -1 if minimum is None else quantity(minimum)
    if maximum is not None and quantity(maximum) <= max(low, 0):
        raise exceptions.InvalidStock(field="stock_maximum")


def reason(value: object, *, needed: bool = False) -> str:
    """Return value, why something was done. Raises InvalidReason."""
    text = _text(value, REASON_LENGTH, exceptions.InvalidReason)
    if needed and not re.search(NOT_BLANK, text):
        raise exceptions.InvalidReason
    return text


def reference(value: object, *, field: str = "reference") -> str:
    """Return value, how somebody else calls a thing or a person. Raises InvalidText for field."""
    return text(value, REFERENCE_LENGTH, field=field)


def text(value: object, limit: int, *, field: str, needed: bool = False) -> str:
    """Return value, at most limit characters; not all blank when needed. Raises InvalidText for field."""
    found = _text(value, limit, exceptions.InvalidText, field=field)
    if needed and not re.search(NOT_BLANK, found):
        raise exceptions.InvalidText(field=field)
    return found


def _whole(value: object, least: int, most: int) -> TypeGuard[int]:
    """A bool is no number."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _text(
    value: object, limit: int, error: type[exceptions.InvalidValue], *, field: str | None = None
) -> str:
    """PostgreSQL stores neither NUL nor half of a surrogate pair."""
    if not isinstance(value, str) or len(value) > limit or re.search("[\x00\ud800-\udfff]", value):
        raise error(field=field)
    return value


def _shaped(text: str, pattern: str, error: type[exceptions.InvalidValue]) -> str:
    if not re.fullmatch(pattern, text):
        raise error
    return text
