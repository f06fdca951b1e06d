"""The rows of a shop: a tree of categories, products in it, and the variants that are sold."""

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


class Product(models.Model):
    """What the shop shows. Prices are whole minor units of `currency`; its cheapest variant costs `price`."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="products", null=True, blank=True, db_index=False
    )
    name = models.CharField(max_length=values.NAME_LENGTH)
    slug = models.CharField(max_length=values.SLUG_LENGTH)
    sku = models.CharField("SKU", max_length=values.SKU_LENGTH)
    description = models.TextField(blank=True, default="")
    price = models.BigIntegerField(help_text="In minor units of the currency.")
    compare_at_price = models.BigIntegerField(
        null=True, blank=True, help_text="The price before, struck through."
    )
    currency = models.CharField(max_length=3)
    published_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="commerce_product_newest"),
            models.Index(fields=["category", "-created_at", "-id"], name="commerce_product_in_category"),
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(published_at__isnull=False, archived_at__isnull=True),
                name="commerce_product_published",
            ),
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


class Variant(models.Model):
    """One sellable form of a product, with its own stock."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants", db_index=False)
    name = models.CharField(max_length=values.NAME_LENGTH)
    sku = models.CharField("SKU", max_length=values.SKU_LENGTH)
    price_modifier = models.BigIntegerField(
        default=0, help_text="Added to the product's price, in minor units."
    )
    quantity = models.IntegerField("quantity in stock", default=0)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
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
