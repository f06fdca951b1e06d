"""Amounts for people: minor units of a currency as text."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from django import template

from saas.commerce.models import Product

register = template.Library()


@register.filter
def price(product: Product) -> str:
    """Return for example €39.00."""
    amount = Decimal(product.price).scaleb(-get_currency_precision(product.currency))
    return format_currency(amount, product.currency, locale="en")
