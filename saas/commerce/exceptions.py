"""What the shop refuses; every docstring is the default message and says how to repair it."""

import inspect
from uuid import UUID


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


class InvalidQuantity(InvalidValue):
    """A quantity is a whole number, 1 or more."""

    code = "invalid_quantity"
    field = "quantity"


class InvalidReason(InvalidValue):
    """A reason is text of at most 500 characters; a correction needs one."""

    code = "invalid_reason"
    field = "reason"


class InvalidText(InvalidValue):
    """A text is too long, holds what cannot be stored, or is blank where one is needed."""

    code = "invalid_text"


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


class InvalidBarcode(InvalidValue):
    """A barcode is the 8, 12, 13 or 14 digits of a GTIN, the last one being its check digit."""

    code = "invalid_barcode"
    field = "barcode"


class InvalidWebsite(InvalidValue):
    """A website begins with http:// or https://, without blanks, in at most 500 characters."""

    code = "invalid_website"
    field = "website"


class InvalidSize(InvalidValue):
    """A size is a whole number above 0, in grams or millimetres; length, width and height come all or none."""

    code = "invalid_size"


class InvalidRating(InvalidValue):
    """A rating is a whole number of stars, 1 to 5."""

    code = "invalid_rating"
    field = "rating"


class InvalidKey(InvalidValue):
    """A key of a file is its path in the store: ASCII letters, digits, dots, hyphens, between single slashes."""

    code = "invalid_key"
    field = "key"


class InvalidPeriod(InvalidValue):
    """A time begins before it ends, and no two of one product overlap."""

    code = "invalid_period"


class InvalidChoice(InvalidValue):
    """A variant has at most one value of each option of its own product. Choose others."""

    code = "invalid_choice"
    field = "choices"


class InvalidPhone(InvalidValue):
    """A phone number is + and 7 to 15 digits, as in +49301234567."""

    code = "invalid_phone"
    field = "number"


class InvalidAddress(InvalidValue):
    """An address needs a name, a first line, a city, and the two capital letters of a country."""

    code = "invalid_postal_address"


class ImageOfNothing(CommerceError):
    """An image belongs to one product, one category or one brand. Name exactly one."""

    code = "image_of_nothing"


class LastVariant(CommerceError):
    """A product keeps at least one variant. Add another one first, or archive the product."""

    code = "last_variant"


class VariantInUse(CommerceError):
    """The variant has a history of stock, which stays. Set its stock to 0, or archive the product."""

    code = "variant_in_use"


class ReviewedAlready(CommerceError):
    """This customer has reviewed the product already. Change that review."""

    code = "reviewed_already"


class OwnReview(CommerceError):
    """Nobody votes for their own review."""

    code = "own_review"


class VoteSealed(CommerceError):
    """A vote is given or taken back, never changed."""

    code = "vote_sealed"


class StockRefused(CommerceError):
    """The stock cannot change so. Nothing was changed."""

    code = "stock_refused"

    def __init__(
        self,
        variant_id: UUID | None = None,
        *,
        wanted: int | None = None,
        left: int | None = None,
        field: str | None = None,
    ) -> None:
        self.variant_id, self.wanted, self.left = variant_id, wanted, left
        super().__init__(self._message(), field=field)

    def _message(self) -> str:
        about = (
            ""
            if self.variant_id is None
            else f" Variant {self.variant_id}: {self.left} left, {self.wanted} wanted."
        )
        return f"{inspect.getdoc(type(self))}{about}"


class OutOfStock(StockRefused):
    """There are not so many left. Take fewer."""

    code = "out_of_stock"
    field = "quantity"


class ReturnedTooMany(StockRefused):
    """An order returns at most what it took and has not returned yet. Return fewer."""

    code = "returned_too_many"
    field = "quantity"


class AboveMaximum(StockRefused):
    """A purchase does not fill the stock above its maximum. Receive fewer, or raise the maximum."""

    code = "above_maximum"
    field = "quantity"


class StockLogSealed(CommerceError):
    """Entries of the stock's log are neither changed nor deleted. Add an entry that corrects it."""

    code = "stock_log_sealed"
