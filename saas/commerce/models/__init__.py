"""The rows of the shop, by room. Django looks for them here."""

from saas.commerce.models.catalog import Brand, Category, Product, Variant
from saas.commerce.models.details import Image, PastPrice, ProductTag, Tag
from saas.commerce.models.options import Choice, Option, OptionValue
from saas.commerce.models.people import Address, Customer, Phone, Wishlist, WishlistItem
from saas.commerce.models.reviews import Review, ReviewVote
from saas.commerce.models.stock import StockEntry
from saas.commerce.models.views import ProductView, ProductViewDay

__all__ = [
    "Address",
    "Brand",
    "Category",
    "Choice",
    "Customer",
    "Image",
    "Option",
    "OptionValue",
    "PastPrice",
    "Phone",
    "Product",
    "ProductTag",
    "ProductView",
    "ProductViewDay",
    "Review",
    "ReviewVote",
    "StockEntry",
    "Tag",
    "Variant",
    "Wishlist",
    "WishlistItem",
]
