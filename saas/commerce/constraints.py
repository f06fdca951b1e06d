"""The database's constraints by name, and the error of the shop that each of them means."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import IntegrityError, router, transaction

from saas.commerce import exceptions
from saas.commerce.models import Product

ERRORS: dict[str, type[exceptions.CommerceError]] = {
    "commerce_category_acyclic": exceptions.CategoryCycle,
    "commerce_category_not_own_parent": exceptions.CategoryCycle,
    "commerce_category_name_not_blank": exceptions.InvalidName,
    "commerce_category_slug_format": exceptions.InvalidSlug,
    "commerce_category_slug_unique": exceptions.DuplicateSlug,
    "commerce_category_position_not_negative": exceptions.InvalidPosition,
    "commerce_product_name_not_blank": exceptions.InvalidName,
    "commerce_product_slug_format": exceptions.InvalidSlug,
    "commerce_product_slug_unique": exceptions.DuplicateSlug,
    "commerce_product_sku_not_blank": exceptions.InvalidSku,
    "commerce_product_sku_unique": exceptions.DuplicateSku,
    "commerce_product_price_not_negative": exceptions.InvalidPrice,
    "commerce_product_compare_at_above_price": exceptions.InvalidPrice,
    "commerce_product_currency_iso": exceptions.InvalidCurrency,
    "commerce_variant_name_not_blank": exceptions.InvalidName,
    "commerce_variant_product_name_unique": exceptions.DuplicateName,
    "commerce_variant_sku_not_blank": exceptions.InvalidSku,
    "commerce_variant_sku_unique": exceptions.DuplicateSku,
    "commerce_variant_price_modifier_not_negative": exceptions.InvalidPrice,
    "commerce_variant_quantity_not_negative": exceptions.InvalidStock,
    "commerce_variant_position_not_negative": exceptions.InvalidPosition,
}


@contextmanager
def translated() -> Iterator[None]:
    """A savepoint in which a violated constraint becomes the shop's error; others pass through unchanged."""
    try:
        with transaction.atomic(using=router.db_for_write(Product)):
            yield
    except IntegrityError as error:
        meaning = ERRORS.get(name_of(error))
        if meaning is None:
            raise
        raise meaning from error


def name_of(error: IntegrityError) -> str:
    """Return the name of the constraint that was violated, '' when the database names none."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""
