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
    "commerce_variant_barcode_format": exceptions.InvalidBarcode,
    "commerce_variant_stock_minimum_not_negative": exceptions.InvalidStock,
    "commerce_variant_stock_maximum_above_minimum": exceptions.InvalidStock,
    "commerce_variant_told_only_when_low": exceptions.InvalidStock,
    "commerce_variant_with_product": exceptions.Duplicate,
    "commerce_variant_last": exceptions.LastVariant,
    "commerce_brand_name_not_blank": exceptions.InvalidName,
    "commerce_brand_slug_format": exceptions.InvalidSlug,
    "commerce_brand_slug_unique": exceptions.DuplicateSlug,
    "commerce_brand_website_format": exceptions.InvalidWebsite,
    "commerce_product_barcode_format": exceptions.InvalidBarcode,
    "commerce_product_cost_not_negative": exceptions.InvalidPrice,
    "commerce_product_weight_positive": exceptions.InvalidSize,
    "commerce_product_dimensions_all_or_none": exceptions.InvalidSize,
    "commerce_product_rating_possible": exceptions.InvalidRating,
    "commerce_tag_name_not_blank": exceptions.InvalidName,
    "commerce_tag_slug_format": exceptions.InvalidSlug,
    "commerce_tag_slug_unique": exceptions.DuplicateSlug,
    "commerce_producttag_unique": exceptions.Duplicate,
    "commerce_image_of_exactly_one": exceptions.ImageOfNothing,
    "commerce_image_key_format": exceptions.InvalidKey,
    "commerce_image_position_not_negative": exceptions.InvalidPosition,
    "commerce_image_once_per_product": exceptions.Duplicate,
    "commerce_image_once_per_category": exceptions.Duplicate,
    "commerce_image_once_per_brand": exceptions.Duplicate,
    "commerce_pastprice_price_not_negative": exceptions.InvalidPrice,
    "commerce_pastprice_currency_iso": exceptions.InvalidCurrency,
    "commerce_pastprice_time_not_empty": exceptions.InvalidPeriod,
    "commerce_pastprice_no_overlap": exceptions.InvalidPeriod,
    "commerce_option_name_not_blank": exceptions.InvalidName,
    "commerce_option_name_unique": exceptions.DuplicateName,
    "commerce_option_position_not_negative": exceptions.InvalidPosition,
    "commerce_option_with_product": exceptions.Duplicate,
    "commerce_optionvalue_name_not_blank": exceptions.InvalidName,
    "commerce_optionvalue_name_unique": exceptions.DuplicateName,
    "commerce_optionvalue_position_not_negative": exceptions.InvalidPosition,
    "commerce_optionvalue_price_modifier_not_negative": exceptions.InvalidPrice,
    "commerce_optionvalue_with_option": exceptions.Duplicate,
    "commerce_choice_option_unique": exceptions.InvalidChoice,
    "commerce_choice_variant_of_product": exceptions.InvalidChoice,
    "commerce_choice_option_of_product": exceptions.InvalidChoice,
    "commerce_choice_value_of_option": exceptions.InvalidChoice,
    "commerce_phone_format": exceptions.InvalidPhone,
    "commerce_phone_unique": exceptions.Duplicate,
    "commerce_phone_one_primary": exceptions.Duplicate,
    "commerce_address_not_blank": exceptions.InvalidAddress,
    "commerce_address_country_iso": exceptions.InvalidAddress,
    "commerce_address_one_default_shipping": exceptions.Duplicate,
    "commerce_address_one_default_billing": exceptions.Duplicate,
    "commerce_wishlist_name_not_blank": exceptions.InvalidName,
    "commerce_wishlist_name_unique": exceptions.DuplicateName,
    "commerce_wishlistitem_quantity_positive": exceptions.InvalidQuantity,
    "commerce_wishlistitem_unique": exceptions.Duplicate,
    "commerce_review_rating_range": exceptions.InvalidRating,
    "commerce_review_helpful_not_negative": exceptions.InvalidRating,
    "commerce_review_once": exceptions.ReviewedAlready,
    "commerce_reviewvote_once": exceptions.Duplicate,
    "commerce_reviewvote_not_own": exceptions.OwnReview,
    "commerce_reviewvote_unchanged": exceptions.VoteSealed,
    "commerce_productviewday_positive": exceptions.InvalidQuantity,
    "commerce_productviewday_unique": exceptions.Duplicate,
    "commerce_stockentry_adds_up": exceptions.InvalidStock,
    "commerce_stockentry_not_negative": exceptions.OutOfStock,
    "commerce_stockentry_kind_and_sign": exceptions.InvalidStock,
    "commerce_stockentry_order_when_sold": exceptions.InvalidStock,
    "commerce_stockentry_transfer_when_moved": exceptions.InvalidStock,
    "commerce_stockentry_number_unique": exceptions.InvalidStock,
    "commerce_stockentry_maximum": exceptions.AboveMaximum,
    "commerce_stockentry_append_only": exceptions.StockLogSealed,
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
