"""The rows of orders: what was bought, at which prices, where it goes, and how far it is. They outlive every change.

Triggers (`sql/order_*.sql`) refuse what no order does: a state that does not follow, an amount or an address that
changes afterwards, an order or a line that disappears, lines that do not add up to their order.
"""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from saas.commerce import ids, values
from saas.commerce.models.carts import Cart
from saas.commerce.models.catalog import Product, Variant
from saas.commerce.models.people import Customer


def one_of(field: str, values: list[str]) -> Q:
    """Return a condition that PostgreSQL writes as it was given; an IN it writes anew each time it reads it."""
    return Q(**{f"{field}__regex": f"^({'|'.join(values)})$"})


class OrderCounter(models.Model):
    """The number of the last order, in one row. Whoever places an order holds it until the transaction ends."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    position = models.SmallIntegerField(default=1, editable=False)
    last = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(position=1), name="commerce_ordercounter_first_row"),
            models.UniqueConstraint(fields=["position"], name="commerce_ordercounter_one_row"),
            models.CheckConstraint(condition=Q(last__gte=1), name="commerce_ordercounter_last_positive"),
        ]


class Status(models.TextChoices):
    """How far the goods are. `states.NEXT` and the trigger say what follows what."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class PaymentStatus(models.TextChoices):
    """How far the money is. `states.NEXT_PAYMENT` and the trigger say what follows what."""

    UNPAID = "unpaid"
    AUTHORIZED = "authorized"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


class Order(models.Model):
    """What somebody bought. Amounts are minor units of `currency`; `totals` says how they come about."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    number = models.BigIntegerField(editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders", db_index=False)
    cart = models.OneToOneField(Cart, on_delete=models.PROTECT, related_name="order", null=True, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    payment_status = models.CharField(
        max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.UNPAID
    )
    currency = models.CharField(max_length=3)
    subtotal = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    shipping = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    tax_included = models.BooleanField(default=False, help_text="The prices have the tax in them.")
    total = models.BigIntegerField()
    email = models.CharField(max_length=254, blank=True, default="")
    shipping_address = models.JSONField()
    billing_address = models.JSONField()
    tracking_number = models.CharField(max_length=values.TRACKING_LENGTH, blank=True, default="")
    placed_at = models.DateTimeField(default=timezone.now, editable=False)
    # Of the last change of state. The trigger counts them and writes each into OrderChange.
    changes = models.IntegerField(default=0, editable=False)
    changed_by = models.CharField(max_length=values.BY_LENGTH, blank=True, default="", editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-placed_at", "-id"]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="commerce_order_newest"),
            models.Index(fields=["customer", "-placed_at", "-id"], name="commerce_order_of_customer"),
            models.Index(fields=["status", "-placed_at", "-id"], name="commerce_order_in_status"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="commerce_order_number_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="commerce_order_number_positive"),
            models.CheckConstraint(
                condition=one_of("status", Status.values), name="commerce_order_status_known"
            ),
            models.CheckConstraint(
                condition=one_of("payment_status", PaymentStatus.values),
                name="commerce_order_payment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=values.CURRENCY), name="commerce_order_currency_iso"
            ),
            models.CheckConstraint(
                condition=Q(subtotal__gte=0, shipping__gte=0, tax__gte=0)
                & Q(discount__gte=0, discount__lte=F("subtotal")),
                name="commerce_order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    tax_included=False, total=F("subtotal") - F("discount") + F("shipping") + F("tax")
                )
                | Q(tax_included=True, total=F("subtotal") - F("discount") + F("shipping")),
                name="commerce_order_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(shipping_address__has_keys=list(values.ADDRESS_REQUIRED))
                & Q(billing_address__has_keys=list(values.ADDRESS_REQUIRED))
                & Q(shipping_address__country__regex=values.COUNTRY)
                & Q(billing_address__country__regex=values.COUNTRY),
                name="commerce_order_addresses_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class OrderItem(models.Model):
    """What one line of an order was when it was placed. No row of it ever changes."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="items", db_index=False)
    position = models.IntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=values.NAME_LENGTH)
    variant_name = models.CharField(max_length=values.NAME_LENGTH)
    sku = models.CharField("SKU", max_length=values.SKU_LENGTH)
    unit_price = models.BigIntegerField()
    quantity = models.IntegerField()
    subtotal = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    total = models.BigIntegerField(
        help_text="Subtotal without discount; a tax that is added stands beside it."
    )
    tax_rate = models.DecimalField(max_digits=5, decimal_places=4, default=0, help_text="0.19 is 19 %.")
    tax = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["order", "position"]
        indexes = [models.Index(fields=["product", "order"], name="commerce_orderitem_of_product")]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="commerce_orderitem_position_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="commerce_orderitem_quantity_positive"),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, tax__gte=0, tax_rate__gte=0, discount__gte=0)
                & Q(discount__lte=F("subtotal")),
                name="commerce_orderitem_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(subtotal=F("unit_price") * F("quantity"), total=F("subtotal") - F("discount")),
                name="commerce_orderitem_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"


class OrderChange(models.Model):
    """One change of an order's state: of what, from what, to what, when and by whom. Only the trigger writes here."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="history", db_index=False)
    number = models.IntegerField()
    field = models.CharField(max_length=20)
    before = models.CharField(max_length=20)
    after = models.CharField(max_length=20)
    by = models.CharField(max_length=values.BY_LENGTH)
    at = models.DateTimeField()

    class Meta:
        ordering = ["order", "number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="commerce_orderchange_number_once"),
        ]
