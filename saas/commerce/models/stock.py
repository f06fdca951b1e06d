"""The log of the stock. Rows are only ever added; a row sets its variant's quantity by a trigger."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from saas.commerce import ids, values
from saas.commerce.models.catalog import Variant


class StockEntry(models.Model):
    """One change of a variant's stock: what, how many, why, and who did it.

    The trigger `commerce_stockentry_apply` fills number, previous_quantity and quantity, whatever was
    sent, and `commerce_stockentry_append_only` refuses to change or delete a row.
    """

    class Kind(models.TextChoices):
        PURCHASE = "purchase"
        SALE = "sale"
        ADJUSTMENT = "adjustment"
        RETURN = "return"
        TRANSFER = "transfer"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="stock_entries", db_index=False
    )
    number = models.IntegerField(default=0, editable=False, help_text="1, 2, 3 ... of this variant.")
    kind = models.CharField(max_length=10, choices=Kind)
    change = models.IntegerField()
    previous_quantity = models.IntegerField(default=0, editable=False)
    quantity = models.IntegerField(default=0, editable=False)
    order_id = models.UUIDField(null=True, blank=True)
    transfer_id = models.UUIDField(null=True, blank=True, help_text="The same in both entries of a transfer.")
    reference = models.CharField(max_length=values.REFERENCE_LENGTH, blank=True, default="")
    reason = models.CharField(max_length=values.REASON_LENGTH, blank=True, default="")
    by = models.CharField(max_length=values.REFERENCE_LENGTH, blank=True, default="")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "stock entries"
        ordering = ["variant", "-number"]
        indexes = [
            models.Index(
                fields=["order_id", "variant"],
                condition=Q(order_id__isnull=False),
                name="commerce_stockentry_of_order",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity=F("previous_quantity") + F("change")), name="commerce_stockentry_adds_up"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="commerce_stockentry_not_negative"),
            models.CheckConstraint(
                condition=Q(kind="purchase", change__gt=0)
                | Q(kind="sale", change__lt=0)
                | (Q(kind="adjustment") & ~Q(change=0))
                | Q(kind="return", change__gt=0)
                | (Q(kind="transfer") & ~Q(change=0)),
                name="commerce_stockentry_kind_and_sign",
            ),
            models.CheckConstraint(
                condition=(Q(kind="sale") | Q(kind="return")) & Q(order_id__isnull=False)
                | ~Q(kind="sale") & ~Q(kind="return") & Q(order_id__isnull=True),
                name="commerce_stockentry_order_when_sold",
            ),
            models.CheckConstraint(
                condition=Q(kind="transfer", transfer_id__isnull=False)
                | (~Q(kind="transfer") & Q(transfer_id__isnull=True)),
                name="commerce_stockentry_transfer_when_moved",
            ),
            models.UniqueConstraint(fields=["variant", "number"], name="commerce_stockentry_number_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.change:+}"
