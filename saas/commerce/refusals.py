"""What carts, coupons, orders and payments refuse; every docstring is the default message, as in `exceptions`."""

from saas.commerce import exceptions


class InvalidCartQuantity(exceptions.InvalidValue):
    """A cart holds 1 to 999 of one variant, and at most 200 different ones."""

    code = "invalid_cart_quantity"
    field = "quantity"


class InvalidCoupon(exceptions.InvalidValue):
    """A coupon takes off a percentage above 0 up to 100, or an amount; its bounds make sense together."""

    code = "invalid_coupon"


class InvalidCouponCode(exceptions.InvalidValue):
    """A coupon's code is 1 to 40 ASCII letters and digits, with single hyphens or underscores between them."""

    code = "invalid_coupon_code"
    field = "code"


class InvalidDelivery(exceptions.InvalidValue):
    """An order goes to an address with at least a name, a line, a city and a country of two capital letters."""

    code = "invalid_delivery"
    field = "shipping_address"


class InvalidOrder(exceptions.InvalidValue):
    """The amounts of the order do not add up, or one of them is negative. Nothing was ordered."""

    code = "invalid_order"


class InvalidPayment(exceptions.InvalidValue):
    """A payment is of an amount above 0, in the order's currency, under a key of 1 to 255 characters."""

    code = "invalid_payment"


class DuplicateCouponCode(exceptions.Duplicate):
    """Another coupon has this code; capitals and small letters count as the same. Choose another code."""

    code = "duplicate_coupon_code"
    field = "code"


class CartClosed(exceptions.CommerceError):
    """This cart was ordered or merged into another one. Go on with the customer's open cart."""

    code = "cart_closed"


class CartEmpty(exceptions.CommerceError):
    """There is nothing in this cart. Put something in before ordering."""

    code = "cart_empty"


class NotAGuest(exceptions.CommerceError):
    """Only a guest's cart is merged, since somebody who signs up keeps their own."""

    code = "not_a_guest"


class OtherCurrency(exceptions.CommerceError):
    """All things in one order have one currency. Order those in another currency by themselves."""

    code = "other_currency"


class NotForSale(exceptions.CommerceError):
    """This product is not for sale now. Take it out of the cart."""

    code = "not_for_sale"


class PriceChanged(exceptions.CommerceError):
    """The order costs something else than what was shown. Show the new total and ask again."""

    code = "price_changed"


class CouponRefused(exceptions.CommerceError):
    """This coupon cannot be used for this order. Order without it, or with another one."""

    code = "coupon_refused"
    field = "coupon"


class UnknownCoupon(CouponRefused):
    """There is no coupon with this code. Check how it is written."""

    code = "unknown_coupon"


class CouponNotValid(CouponRefused):
    """This coupon is not valid at this time."""

    code = "coupon_not_valid"


class CouponUsedUp(CouponRefused):
    """This coupon was used as often as it may be, by everybody or by this customer."""

    code = "coupon_used_up"


class CouponNotApplicable(CouponRefused):
    """This coupon is for other products, other customers, another currency or a larger order."""

    code = "coupon_not_applicable"


class IllegalTransition(exceptions.CommerceError):
    """This does not follow the state that the order is in. Read the order again."""

    code = "illegal_transition"


class OrderKept(exceptions.CommerceError):
    """An order, its lines and its history stay what they are. Cancel it, or take it back."""

    code = "order_kept"


class PaymentRefused(exceptions.CommerceError):
    """This payment cannot be asked for now: it is under way, over, not there yet, or more than there is."""

    code = "payment_refused"


class PaymentKeyConflict(exceptions.CommerceError):
    """This key was used for another request. Take a new key for a new request."""

    code = "payment_key_conflict"
    field = "key"


class UnknownProvider(exceptions.CommerceError):
    """No payment provider of this name is installed. Register it when the process starts."""

    code = "unknown_provider"


class ProviderInTransaction(exceptions.CommerceError):
    """A provider is asked between two transactions, never inside of one. Leave the transaction first."""

    code = "provider_in_transaction"
