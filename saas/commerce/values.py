"""What one value of the shop may be; pure. The database checks the same again, against whoever comes another way."""

import re
from collections.abc import Mapping
from typing import TypeGuard

from saas.commerce import exceptions, refusals

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

CART_QUANTITY_MAX = 999
CART_LINES_MAX = 200
COUPON_CODE_LENGTH = 40
COUPON_CODE = r"^[A-Za-z0-9]+([_-][A-Za-z0-9]+)*$"
LIMIT_MAX = 2**31 - 1
TRACKING_LENGTH = 100
BY_LENGTH = 100
PROVIDER_LENGTH = 50
PAYMENT_KEY_LENGTH = 255
POSTAL_CODE_LENGTH = 20
# What an order must know of an address, and what it may.
ADDRESS_REQUIRED = ("name", "line1", "city", "country")
ADDRESS_OPTIONAL = ("company", "line2", "postal_code", "region")


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


def barcode(value: object) -> str:
    """Return value, a GTIN or ''. Raises InvalidBarcode, also when the check digit is wrong.

    From the right, digits weigh 3, 1, 3, 1 ..., and the check digit makes the sum a multiple of 10. Source: GS1
    General Specifications, 7.9.
    """
    if value == "":
        return ""
    code = _shaped(_text(value, 14, exceptions.InvalidBarcode), BARCODE, exceptions.InvalidBarcode)
    if sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(code))) % 10:
        raise exceptions.InvalidBarcode
    return code


def website(value: object) -> str:
    """Return value, which may be ''. Raises InvalidWebsite."""
    if value == "":
        return ""
    return _shaped(_text(value, URL_LENGTH, exceptions.InvalidWebsite), URL, exceptions.InvalidWebsite)


def key(value: object) -> str:
    """Return value, where a file lies in the object store. Raises InvalidKey."""
    return _shaped(_text(value, KEY_LENGTH, exceptions.InvalidKey), OBJECT_KEY, exceptions.InvalidKey)


def cost(value: object) -> int | None:
    """Return value, which may be None. Raises InvalidPrice for cost."""
    return None if value is None else price(value, field="cost")


def size(value: object, *, field: str) -> int | None:
    """Return value, grams or millimetres, which may be None. Raises InvalidSize for field."""
    if value is None:
        return None
    if not _whole(value, 1, SIZE_MAX):
        raise exceptions.InvalidSize(field=field)
    return value


def dimensions(length: object, width: object, height: object) -> dict[str, int | None]:
    """Return the three by name, all of them or none given. Raises InvalidSize."""
    named = {"length": length, "width": width, "height": height}
    found = {field: size(value, field=field) for field, value in named.items()}
    missing = [field for field, value in found.items() if value is None]
    if len(missing) in (1, 2):
        raise exceptions.InvalidSize(field=missing[0])
    return found


def rating(value: object) -> int:
    """Return value, 1 to 5 stars. Raises InvalidRating."""
    if not _whole(value, 1, RATING_MAX):
        raise exceptions.InvalidRating
    return value


def phone(value: object) -> str:
    """Return value without blanks, hyphens, dots and brackets, as people write them. Raises InvalidPhone."""
    written = re.sub(r"[ ().-]", "", _text(value, 40, exceptions.InvalidPhone))
    return _shaped(written, PHONE, exceptions.InvalidPhone)


def country(value: object) -> str:
    """Return value, two capital letters. Raises InvalidAddress for country."""
    if not isinstance(value, str) or not re.fullmatch(COUNTRY, value):
        raise exceptions.InvalidAddress(field="country")
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


def cart_quantity(value: object) -> int:
    """Return value, of one variant in a cart. Raises InvalidCartQuantity."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= CART_QUANTITY_MAX:
        raise refusals.InvalidCartQuantity
    return value


def coupon_code(value: object) -> str:
    """Return value. Raises InvalidCouponCode."""
    text = _text(value, COUPON_CODE_LENGTH, refusals.InvalidCouponCode)
    return _shaped(text, COUPON_CODE, refusals.InvalidCouponCode)


def tracking_number(value: object) -> str:
    """Return value, which may be ''. Raises InvalidValue."""
    return _text(value, TRACKING_LENGTH, exceptions.InvalidValue)


def delivery(address: Mapping[str, str], *, field: str = "shipping_address") -> dict[str, str]:
    """Return the copy of address that an order keeps: only what it knows, nothing empty. Raises InvalidDelivery."""
    known = (*ADDRESS_REQUIRED, *ADDRESS_OPTIONAL)
    copy = {part: address[part] for part in known if address.get(part)}
    texts = all(isinstance(text, str) and len(text) <= NAME_LENGTH for text in copy.values())
    if not texts or not all(re.search(NOT_BLANK, copy.get(part, "")) for part in ADDRESS_REQUIRED):
        raise refusals.InvalidDelivery(field=field)
    if not re.fullmatch(COUNTRY, copy["country"]) or re.search("[\x00\ud800-\udfff]", "".join(copy.values())):
        raise refusals.InvalidDelivery(field=field)
    return copy


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
