"""The rows of who looked at what: each look for a while, and their number per day for good."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from saas.commerce import ids
from saas.commerce.models.catalog import Product
from saas.commerce.models.people import Customer


class ProductView(models.Model):
    """One look at a product, until it is rolled up."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="views", db_index=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.SET_NULL, related_name="+", null=True, blank=True, db_index=False
    )
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["at"], name="commerce_productview_at"),
            models.Index(fields=["product"], name="commerce_productview_of"),
            models.Index(
                fields=["customer", "-at", "-id"],
                condition=Q(customer__isnull=False),
                name="commerce_productview_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} at {self.at}"


class ProductViewDay(models.Model):
    """How often a product was looked at on a day of UTC."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="views_per_day", db_index=False
    )
    day = models.DateField()
    count = models.BigIntegerField()

    class Meta:
        ordering = ["-day", "product"]
        indexes = [models.Index(fields=["day", "-count"], name="commerce_productviewday_most")]
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=0), name="commerce_productviewday_positive"),
            models.UniqueConstraint(fields=["product", "day"], name="commerce_productviewday_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.count}"
