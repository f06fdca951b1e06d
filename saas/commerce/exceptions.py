"""What the shop refuses; every docstring is the default message and says how to repair it."""

import inspect


class CommerceError(Exception):
    """The shop refused this. Nothing was changed."""

    code = "commerce_error"
    field: str | None = None

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))
        self.field = field or self.field


class InvalidValue(CommerceError):
    """A value cannot be stored. Correct the field that is named."""

    code = "invalid_value"


class InvalidName(InvalidValue):
    """A name is 1 to 200 characters that are not all blank."""

    code = "invalid_name"
    field = "name"


class InvalidDescription(InvalidValue):
    """A description is text of at most 20,000 characters."""

    code = "invalid_description"
    field = "description"


class InvalidSlug(InvalidValue):
    """A slug is 1 to 100 characters: lower-case ASCII letters and digits, with single hyphens between them."""

    code = "invalid_slug"
    field = "slug"


class InvalidSku(InvalidValue):
    """A SKU is 1 to 64 characters without blanks at the ends and without double blanks."""

    code = "invalid_sku"
    field = "sku"


class InvalidPrice(InvalidValue):
    """A price is a whole number of the currency's minor unit, 0 or more; a compare-at price is above the price."""

    code = "invalid_price"
    field = "price"


class InvalidCurrency(InvalidValue):
    """A currency is the three capital letters of ISO 4217, such as EUR."""

    code = "invalid_currency"
    field = "currency"


class InvalidStock(InvalidValue):
    """A quantity in stock is a whole number, 0 or more."""

    code = "invalid_stock"
    field = "quantity"


class InvalidPosition(InvalidValue):
    """A position is a whole number, 0 or more."""

    code = "invalid_position"
    field = "position"


class Duplicate(CommerceError):
    """Another row of this shop has this value. Choose another one."""

    code = "duplicate"


class DuplicateSlug(Duplicate):
    """Another one has this slug. Choose another slug."""

    code = "duplicate_slug"
    field = "slug"


class DuplicateSku(Duplicate):
    """Another one has this SKU; capitals and small letters count as the same. Choose another SKU."""

    code = "duplicate_sku"
    field = "sku"


class DuplicateName(Duplicate):
    """The product has a variant of this name already. Choose another name."""

    code = "duplicate_name"
    field = "name"


class CategoryCycle(CommerceError):
    """A category cannot stand below itself. Choose a parent that is not one of its descendants."""

    code = "category_cycle"
    field = "parent"


class ShopNotEmpty(CommerceError):
    """The shop has categories or products already, so it was not seeded. Seed an empty shop."""

    code = "shop_not_empty"
