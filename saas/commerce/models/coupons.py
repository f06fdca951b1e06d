"""The rows of coupons, whom and what they are for, and the log of their uses."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from saas.commerce import ids, values
from saas.commerce.models.catalog import Product
from saas.commerce.models.orders import Order
from saas.commerce.models.people import Customer


class Coupon(models.Model):
    """A percentage or an amount off. Without products it is for all of them, without customers for everybody.

    `used` counts the uses that were not given back. The trigger on CouponUse keeps it and refuses a use above a limit.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    code = models.CharField(max_length=values.COUPON_CODE_LENGTH)
    currency = models.CharField(max_length=3)
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    amount = models.BigIntegerField(null=True, blank=True)
    minimum_order = models.BigIntegerField(default=0)
    maximum_discount = models.BigIntegerField(null=True, blank=True)
    total_limit = models.IntegerField(null=True, blank=True)
    customer_limit = models.IntegerField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Not valid any more from this moment on.")
    used = models.IntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    products: "models.ManyToManyField[Product, CouponProduct]" = models.ManyToManyField(
        Product, through="CouponProduct", related_name="+"
    )
    customers: "models.ManyToManyField[Customer, CouponCustomer]" = models.ManyToManyField(
        Customer, through="CouponCustomer", related_name="+"
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=values.COUPON_CODE), name="commerce_coupon_code_format"
            ),
            models.UniqueConstraint(Lower("code"), name="commerce_coupon_code_unique"),
            models.CheckConstraint(
                condition=Q(currency__regex=values.CURRENCY), name="commerce_coupon_currency_iso"
            ),
            models.CheckConstraint(
                # Named, since a comparison with NULL is neither true nor false, and a CHECK lets that pass.
                condition=Q(percent__isnull=False, percent__gt=0, percent__lte=100, amount__isnull=True)
                | Q(amount__isnull=False, amount__gt=0, percent__isnull=True),
                name="commerce_coupon_percent_or_amount",
            ),
            models.CheckConstraint(
                condition=Q(minimum_order__gte=0)
                & (Q(maximum_discount__isnull=True) | Q(maximum_discount__gt=0)),
                name="commerce_coupon_bounds_not_negative",
            ),
            models.CheckConstraint(
                condition=(Q(total_limit__isnull=True) | Q(total_limit__gt=0))
                & (Q(customer_limit__isnull=True) | Q(customer_limit__gt=0)),
                name="commerce_coupon_limits_positive",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(starts_at__lt=F("ends_at")),
                name="commerce_coupon_starts_before_end",
            ),
            models.CheckConstraint(
                condition=Q(used__gte=0) & (Q(total_limit__isnull=True) | Q(used__lte=F("total_limit"))),
                name="commerce_coupon_used_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CouponProduct(models.Model):
    """A product that a coupon is for."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    coupon = models.ForeignKey(Coupon, on_delete=models.CASCADE, related_name="for_products", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coupon", "product"], name="commerce_couponproduct_once"),
        ]


class CouponCustomer(models.Model):
    """A customer whom a coupon is for."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    coupon = models.ForeignKey(Coupon, on_delete=models.CASCADE, related_name="for_customers", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["coupon", "customer"], name="commerce_couponcustomer_once"),
        ]


class CouponUse(models.Model):
    """One use of a coupon by one order. Given back, it counts no more; the row stays."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="uses", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="coupon_use")
    discount = models.BigIntegerField()
    used_at = models.DateTimeField(default=timezone.now, editable=False)
    returned_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-used_at", "-id"]
        indexes = [models.Index(fields=["coupon", "customer"], name="commerce_couponuse_by_customer")]
        constraints = [
            models.CheckConstraint(
                condition=Q(discount__gte=0), name="commerce_couponuse_discount_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"use of {self.used_at:%Y-%m-%d %H:%M}"
