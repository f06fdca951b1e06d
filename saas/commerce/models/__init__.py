"""The rows of the shop, by room. Django looks for them here."""

from saas.commerce.models.carts import Cart, CartLine
from saas.commerce.models.catalog import Brand, Category, Product, Variant
from saas.commerce.models.coupons import Coupon, CouponCustomer, CouponProduct, CouponUse
from saas.commerce.models.details import Image, PastPrice, ProductTag, Tag
from saas.commerce.models.options import Choice, Option, OptionValue
from saas.commerce.models.orders import Order, OrderChange, OrderCounter, OrderItem, PaymentStatus, Status
from saas.commerce.models.payments import Payment, PaymentStep
from saas.commerce.models.people import Address, Customer, Phone, Wishlist, WishlistItem
from saas.commerce.models.reviews import Review, ReviewVote
from saas.commerce.models.stock import StockEntry
from saas.commerce.models.views import ProductView, ProductViewDay

__all__ = [
    "Address",
    "Brand",
    "Cart",
    "CartLine",
    "Category",
    "Choice",
    "Coupon",
    "CouponCustomer",
    "CouponProduct",
    "CouponUse",
    "Customer",
    "Image",
    "Option",
    "OptionValue",
    "Order",
    "OrderChange",
    "OrderCounter",
    "OrderItem",
    "PastPrice",
    "Payment",
    "PaymentStatus",
    "PaymentStep",
    "Phone",
    "Product",
    "ProductTag",
    "ProductView",
    "ProductViewDay",
    "Review",
    "ReviewVote",
    "Status",
    "StockEntry",
    "Tag",
    "Variant",
    "Wishlist",
    "WishlistItem",
]
