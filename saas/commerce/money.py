"""Money for people: whole minor units, which are stored, and units of the currency, which are read and typed."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision


def units(amount: int, currency: str) -> Decimal:
    """Return 39.00 for 3900 EUR, 3900 for 3900 JPY."""
    return Decimal(amount).scaleb(-get_currency_precision(currency))


def minor(amount: Decimal, currency: str) -> int:
    """Return 3900 for 39.00 EUR. Raises ValueError for a part of a minor unit."""
    scaled = amount.scaleb(get_currency_precision(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{currency} has {get_currency_precision(currency)} digits after the point.")
    return int(scaled)


def text(amount: int, currency: str) -> str:
    """Return for example €39.00."""
    return str(format_currency(units(amount, currency), currency, locale="en"))
