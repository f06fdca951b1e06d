"""Amounts for people: minor units of a currency as text."""

from django import template

from saas.commerce import money
from saas.commerce.models import Product

register = template.Library()


@register.filter
def price(product: Product) -> str:
    """Return for example €39.00."""
    return money.text(product.price, product.currency)
