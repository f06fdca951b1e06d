"""What one value of the shop may be; pure. The database checks the same again, against whoever comes another way."""

import re

from saas.commerce import exceptions

NAME_LENGTH = 200
SLUG_LENGTH = 100
SKU_LENGTH = 64
DESCRIPTION_LENGTH = 20_000
PRICE_MAX = 2**63 - 1
POSITION_MAX = 2**31 - 1

# Understood alike by Python and PostgreSQL; Python's \S is the stricter one.
NOT_BLANK = r"\S"
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
SKU = r"^\S+( \S+)*$"
CURRENCY = r"^[A-Z]{3}$"


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


def _text(value: object, limit: int, error: type[exceptions.InvalidValue]) -> str:
    """PostgreSQL stores neither NUL nor half of a surrogate pair."""
    if not isinstance(value, str) or len(value) > limit or re.search("[\x00\ud800-\udfff]", value):
        raise error
    return value


def _shaped(text: str, pattern: str, error: type[exceptions.InvalidValue]) -> str:
    if not re.fullmatch(pattern, text):
        raise error
    return text
