"""The rows of the shop, by room. Django looks for them here."""

from saas.commerce.models.catalog import Category, Product, Variant
from saas.commerce.models.people import Customer

__all__ = ["Category", "Customer", "Product", "Variant"]
