"""The rows of a shop: a tree of categories, products in it, and the variants that are sold."""

from decimal import ROUND_HALF_UP, Decimal

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from saas.commerce import ids, values


class Category(models.Model):
    """A place in the tree. The trigger `commerce_category_acyclic` refuses a category below itself."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="children", null=True, blank=True, db_index=False
    )
    name = models.CharField(max_length=values.NAME_LENGTH)
    slug = models.CharField(max_length=values.SLUG_LENGTH)
    position = models.IntegerField(default=0)

    class Meta:
        verbose_name_plural = "categories"
        ordering = ["position", "name", "id"]
        indexes = [
            models.Index(fields=["parent", "position"], name="commerce_category_children"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")),
                name="commerce_category_not_own_parent",
            ),
            models.CheckConstraint(
                condition=Q(name__regex=values.NOT_BLANK), name="commerce_category_name_not_blank"
            ),
            models.CheckConstraint(
                condition=Q(slug__regex=values.SLUG), name="commerce_category_slug_format"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=0), name="commerce_category_position_not_negative"
            ),
            models.UniqueConstraint(fields=["slug"], name="commerce_category_slug_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """Whose name stands on a product."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(max_length=values.NAME_LENGTH)
    slug = models.CharField(max_length=values.SLUG_LENGTH)
    description = models.TextField(blank=True, default="")
    website = models.CharField(max_length=values.URL_LENGTH, blank=True, default="")

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=values.NOT_BLANK), name="commerce_brand_name_not_blank"
            ),
            models.CheckConstraint(condition=Q(slug__regex=values.SLUG), name="commerce_brand_slug_format"),
            models.CheckConstraint(
                condition=Q(website="") | Q(website__regex=values.URL), name="commerce_brand_website_format"
            ),
            models.UniqueConstraint(fields=["slug"], name="commerce_brand_slug_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class ProductManager(models.Manager["Product"]):
    """Leaves the search vector in the database, which alone reads it."""

    def get_queryset(self) -> models.QuerySet["Product"]:
        return super().get_queryset().defer("search")


class Product(models.Model):
    """What the shop shows. Prices are whole minor units of `currency`; its cheapest variant costs `price`."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="products", null=True, blank=True, db_index=False
    )
    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="products", null=True, blank=True, db_index=False
    )
    tags = models.ManyToManyField("commerce.Tag", through="commerce.ProductTag", related_name="products")
    name = models.CharField(max_length=values.NAME_LENGTH)
    slug = models.CharField(max_length=values.SLUG_LENGTH)
    sku = models.CharField("SKU", max_length=values.SKU_LENGTH)
    barcode = models.CharField(
        max_length=14, blank=True, default="", help_text="GTIN of 8, 12, 13 or 14 digits."
    )
    description = models.TextField(blank=True, default="")
    seo_title = models.CharField("SEO title", max_length=values.SEO_TITLE_LENGTH, blank=True, default="")
    seo_description = models.CharField(
        "SEO description", max_length=values.SEO_DESCRIPTION_LENGTH, blank=True, default=""
    )
    price = models.BigIntegerField(help_text="In minor units of the currency.")
    compare_at_price = models.BigIntegerField(
        null=True, blank=True, help_text="The price before, struck through."
    )
    cost = models.BigIntegerField(
        null=True, blank=True, help_text="What one costs the shop; shoppers never see it."
    )
    currency = models.CharField(max_length=3)
    weight = models.IntegerField(null=True, blank=True, help_text="In grams.")
    length = models.IntegerField(null=True, blank=True, help_text="In millimetres.")
    width = models.IntegerField(null=True, blank=True, help_text="In millimetres.")
    height = models.IntegerField(null=True, blank=True, help_text="In millimetres.")
    featured_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    # Denormalised by the trigger `commerce_review_rating`; `reviews.recount` proves and repairs them.
    rating_count = models.IntegerField(default=0, editable=False)
    rating_sum = models.BigIntegerField(default=0, editable=False)
    # No stemming: the shop's language is its own affair.
    search = models.GeneratedField(
        expression=SearchVector("name", "sku", "barcode", weight="A", config="simple")
        + SearchVector("seo_title", "seo_description", weight="B", config="simple")
        + SearchVector("description", weight="C", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ProductManager()

    class Meta:
        ordering = ["-created_at", "-id"]
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="commerce_product_newest"),
            models.Index(fields=["category", "-created_at", "-id"], name="commerce_product_in_category"),
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(published_at__isnull=False, archived_at__isnull=True),
                name="commerce_product_published",
            ),
            models.Index(fields=["brand", "-created_at", "-id"], name="commerce_product_of_brand"),
            models.Index(
                fields=["price", "id"],
                condition=Q(published_at__isnull=False, archived_at__isnull=True),
                name="commerce_product_by_price",
            ),
            models.Index(
                fields=["-featured_at", "-id"],
                condition=Q(featured_at__isnull=False, archived_at__isnull=True),
                name="commerce_product_featured",
            ),
            models.Index(fields=["barcode"], condition=~Q(barcode=""), name="commerce_product_by_barcode"),
            GinIndex(fields=["search"], name="commerce_product_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=values.NOT_BLANK), name="commerce_product_name_not_blank"
            ),
            models.CheckConstraint(condition=Q(slug__regex=values.SLUG), name="commerce_product_slug_format"),
            models.CheckConstraint(condition=Q(sku__regex=values.SKU), name="commerce_product_sku_not_blank"),
            models.CheckConstraint(condition=Q(price__gte=0), name="commerce_product_price_not_negative"),
            models.CheckConstraint(
                condition=Q(compare_at_price__isnull=True) | Q(compare_at_price__gt=models.F("price")),
                name="commerce_product_compare_at_above_price",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=values.CURRENCY), name="commerce_product_currency_iso"
            ),
            models.CheckConstraint(
                condition=Q(barcode="") | Q(barcode__regex=values.BARCODE),
                name="commerce_product_barcode_format",
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(cost__gte=0), name="commerce_product_cost_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(weight__isnull=True) | Q(weight__gt=0), name="commerce_product_weight_positive"
            ),
            models.CheckConstraint(
                condition=Q(length__isnull=True, width__isnull=True, height__isnull=True)
                # Of NULL > 0 the database would not know, and let it pass.
                | Q(
                    length__isnull=False,
                    width__isnull=False,
                    height__isnull=False,
                    length__gt=0,
                    width__gt=0,
                    height__gt=0,
                ),
                name="commerce_product_dimensions_all_or_none",
            ),
            models.CheckConstraint(
                condition=Q(
                    rating_count__gte=0,
                    rating_sum__gte=models.F("rating_count"),
                    rating_sum__lte=models.F("rating_count") * 5,
                ),
                name="commerce_product_rating_possible",
            ),
            models.UniqueConstraint(fields=["slug"], name="commerce_product_slug_unique"),
            models.UniqueConstraint(Lower("sku"), name="commerce_product_sku_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_published(self) -> bool:
        """Whether shoppers see it now."""
        return (
            self.archived_at is None and self.published_at is not None and self.published_at <= timezone.now()
        )

    @property
    def rating(self) -> Decimal | None:
        """The mean of its reviews to two digits, rounded half up; None without a review."""
        if not self.rating_count:
            return None
        return (Decimal(self.rating_sum) / self.rating_count).quantize(Decimal("0.01"), ROUND_HALF_UP)


class Variant(models.Model):
    """One sellable form of a product, with its own stock."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants", db_index=False)
    name = models.CharField(max_length=values.NAME_LENGTH)
    sku = models.CharField("SKU", max_length=values.SKU_LENGTH)
    price_modifier = models.BigIntegerField(
        default=0, help_text="Added to the product's price, in minor units."
    )
    barcode = models.CharField(
        max_length=14, blank=True, default="", help_text="GTIN of 8, 12, 13 or 14 digits."
    )
    quantity = models.IntegerField("quantity in stock", default=0)
    stock_minimum = models.IntegerField(
        null=True, blank=True, help_text="At this quantity or below, stock is low."
    )
    stock_maximum = models.IntegerField(null=True, blank=True, help_text="No purchase may fill up beyond it.")
    # Both are written by the trigger `commerce_variant_mark_low`, the second one also by whoever told somebody.
    low_since = models.DateTimeField(null=True, blank=True, editable=False)
    low_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        indexes = [
            models.Index(
                fields=["low_since", "id"], condition=Q(low_since__isnull=False), name="commerce_variant_low"
            ),
            models.Index(fields=["barcode"], condition=~Q(barcode=""), name="commerce_variant_by_barcode"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(barcode="") | Q(barcode__regex=values.BARCODE),
                name="commerce_variant_barcode_format",
            ),
            models.CheckConstraint(
                condition=Q(stock_minimum__isnull=True) | Q(stock_minimum__gte=0),
                name="commerce_variant_stock_minimum_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(stock_maximum__isnull=True)
                | Q(stock_maximum__gt=0)
                & (Q(stock_minimum__isnull=True) | Q(stock_maximum__gt=models.F("stock_minimum"))),
                name="commerce_variant_stock_maximum_above_minimum",
            ),
            models.CheckConstraint(
                condition=Q(low_told_at__isnull=True) | Q(low_since__isnull=False),
                name="commerce_variant_told_only_when_low",
            ),
            # What lets a row below name the variant together with its product.
            models.UniqueConstraint(fields=["id", "product"], name="commerce_variant_with_product"),
            models.CheckConstraint(
                condition=Q(name__regex=values.NOT_BLANK), name="commerce_variant_name_not_blank"
            ),
            models.CheckConstraint(condition=Q(sku__regex=values.SKU), name="commerce_variant_sku_not_blank"),
            models.CheckConstraint(
                condition=Q(price_modifier__gte=0), name="commerce_variant_price_modifier_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0), name="commerce_variant_quantity_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=0), name="commerce_variant_position_not_negative"
            ),
            models.UniqueConstraint(fields=["product", "name"], name="commerce_variant_product_name_unique"),
            models.UniqueConstraint(Lower("sku"), name="commerce_variant_sku_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price(self) -> int:
        """What one costs, in minor units of the product's currency."""
        return self.product.price + self.price_modifier
