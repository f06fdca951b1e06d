"""Prices over time: what a product cost when, and the lowest price of late. The price of now is the product's own."""

from datetime import datetime, timedelta

from django.db.models import Min, QuerySet
from django.utils import timezone

from saas.commerce import constraints
from saas.commerce.models import PastPrice, Product

# What a price before a reduction is compared with in the EU. Source: Directive 98/6/EC, Article 6a.
REFERENCE = timedelta(days=30)


def remember(product: Product) -> PastPrice | None:
    """Keep what product, whose row is locked, costs until now; None when it began to cost that at this moment."""
    now = timezone.now()
    latest = history(product).first()
    begin = latest.valid_until if latest else product.created_at
    if begin >= now:
        return None
    past = PastPrice(
        product=product, price=product.price, currency=product.currency, valid_from=begin, valid_until=now
    )
    with constraints.translated():
        past.save(force_insert=True)
    return past


def history(product: Product) -> QuerySet[PastPrice]:
    """Return what product cost before, the latest first."""
    return PastPrice.objects.filter(product=product).order_by("-valid_until", "-id")


def at(product: Product, moment: datetime) -> tuple[int, str] | None:
    """Return price and currency of product at a moment; None before there was any."""
    past = history(product).filter(valid_from__lte=moment, valid_until__gt=moment).first()
    if past:
        return past.price, past.currency
    latest = history(product).first()
    begin = latest.valid_until if latest else product.created_at
    return (product.price, product.currency) if begin <= moment else None


def lowest(product: Product, *, within: timedelta = REFERENCE) -> int:
    """Return the lowest price of product, in its currency of now, in the time until now."""
    late = history(product).filter(valid_until__gt=timezone.now() - within, currency=product.currency)
    least = late.aggregate(least=Min("price"))["least"]
    return product.price if least is None else min(least, product.price)
