"""The rows of carts: what somebody wants to buy, until it is ordered."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from saas.commerce import ids, values
from saas.commerce.models.catalog import Variant
from saas.commerce.models.people import Customer


class Cart(models.Model):
    """What a customer, guest or not, has put together; open until it is ordered or merged into another one.

    The first thing that is put in decides on the currency of all of them.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="carts")
    currency = models.CharField(max_length=3, null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, related_name="merged", null=True, blank=True, editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(currency__isnull=True) | Q(currency__regex=values.CURRENCY),
                name="commerce_cart_currency_iso",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True)
                | Q(closed_at__isnull=False) & ~Q(merged_into=models.F("id")),
                name="commerce_cart_merged_is_closed",
            ),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(closed_at__isnull=True), name="commerce_cart_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"cart of {self.created_at:%Y-%m-%d %H:%M}"


class CartLine(models.Model):
    """So many of one variant in a cart."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines", db_index=False)
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    quantity = models.IntegerField(default=1)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=values.CART_QUANTITY_MAX),
                name="commerce_cartline_quantity_in_range",
            ),
            models.UniqueConstraint(fields=["cart", "variant"], name="commerce_cartline_variant_once"),
        ]
