"""The rows that hang on the catalogue: tags, images and the prices of before."""

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact
from django.utils import timezone

from saas.commerce import ids, values
from saas.commerce.models.catalog import Brand, Category, Product


class Tag(models.Model):
    """A word that products are found by."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(max_length=values.NAME_LENGTH)
    slug = models.CharField(max_length=values.SLUG_LENGTH)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=values.NOT_BLANK), name="commerce_tag_name_not_blank"
            ),
            models.CheckConstraint(condition=Q(slug__regex=values.SLUG), name="commerce_tag_slug_format"),
            models.UniqueConstraint(fields=["slug"], name="commerce_tag_slug_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class ProductTag(models.Model):
    """That a product has a tag."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["tag", "product"], name="commerce_producttag_of_tag")]
        constraints = [
            models.UniqueConstraint(fields=["product", "tag"], name="commerce_producttag_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.tag}"


class Image(models.Model):
    """A picture of one product, one category or one brand: a relation to several kinds, each a real foreign key.

    The file lies in an object store under `key`; here is what a page must know of it.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="images", null=True, blank=True, db_index=False
    )
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, related_name="images", null=True, blank=True, db_index=False
    )
    brand = models.ForeignKey(
        Brand, on_delete=models.CASCADE, related_name="images", null=True, blank=True, db_index=False
    )
    key = models.CharField(max_length=values.KEY_LENGTH)
    alt = models.CharField("alternative text", max_length=values.NAME_LENGTH, blank=True, default="")
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Exact(
                    Func(
                        F("product"),
                        F("category"),
                        F("brand"),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="commerce_image_of_exactly_one",
            ),
            models.CheckConstraint(
                condition=Q(key__regex=values.OBJECT_KEY), name="commerce_image_key_format"
            ),
            models.CheckConstraint(condition=Q(position__gte=0), name="commerce_image_position_not_negative"),
            models.UniqueConstraint(fields=["product", "key"], name="commerce_image_once_per_product"),
            models.UniqueConstraint(fields=["category", "key"], name="commerce_image_once_per_category"),
            models.UniqueConstraint(fields=["brand", "key"], name="commerce_image_once_per_brand"),
        ]

    def __str__(self) -> str:
        return self.key


class PastPrice(models.Model):
    """What a product cost in a time that is over, written by `products.update`.

    What it costs now stands in the product alone. No two times of one product overlap: the exclusion constraint
    `commerce_pastprice_no_overlap` of the last migration, since Django's own one needs its app for an operator class.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="past_prices", db_index=False)
    price = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta:
        ordering = ["-valid_until", "-id"]
        indexes = [models.Index(fields=["product", "-valid_until"], name="commerce_pastprice_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="commerce_pastprice_price_not_negative"),
            models.CheckConstraint(
                condition=Q(currency__regex=values.CURRENCY), name="commerce_pastprice_currency_iso"
            ),
            models.CheckConstraint(
                condition=Q(valid_from__lt=F("valid_until")), name="commerce_pastprice_time_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.price} {self.currency}"
