"""The rows of payments: what a provider was asked, before it is asked, and what it answered."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from saas.commerce import ids, values
from saas.commerce.models.orders import Order, one_of


class Payment(models.Model):
    """One attempt to pay an order in full; over when it failed or was released, and then another may follow.

    The trigger on PaymentStep keeps the amounts: `refunded` holds also what is being refunded.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    provider = models.CharField(max_length=values.PROVIDER_LENGTH)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reference = models.CharField(max_length=values.PAYMENT_KEY_LENGTH, blank=True, default="")
    authorized = models.BigIntegerField(default=0, editable=False)
    captured = models.BigIntegerField(default=0, editable=False)
    refunded = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    over_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="commerce_payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(currency__regex=values.CURRENCY), name="commerce_payment_currency_iso"
            ),
            models.CheckConstraint(
                condition=Q(authorized__gte=0, authorized__lte=F("amount")),
                name="commerce_payment_authorized_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(captured__gte=0, captured__lte=F("authorized")),
                name="commerce_payment_captured_within_authorized",
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("captured")),
                name="commerce_payment_refunded_within_captured",
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(over_at__isnull=True), name="commerce_payment_one_open"
            ),
        ]


class PaymentStep(models.Model):
    """One request to the provider, under a key by which it knows the request when it comes again.

    `requested` until the provider's answer is known, also when the process that asked was killed.
    """

    class Kind(models.TextChoices):
        AUTHORIZE = "authorize"
        CAPTURE = "capture"
        RELEASE = "release"
        REFUND = "refund"

    class State(models.TextChoices):
        REQUESTED = "requested"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.BigIntegerField()
    key = models.CharField(max_length=values.PAYMENT_KEY_LENGTH)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    source = models.CharField(max_length=values.PAYMENT_KEY_LENGTH, blank=True, default="")
    reference = models.CharField(max_length=values.PAYMENT_KEY_LENGTH, blank=True, default="")
    reason = models.CharField(max_length=values.PAYMENT_KEY_LENGTH, blank=True, default="")
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["requested_at", "id"]
        indexes = [
            models.Index(
                fields=["requested_at"], condition=Q(state="requested"), name="commerce_paymentstep_unsettled"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="commerce_paymentstep_key_unique"),
            models.CheckConstraint(
                condition=Q(key__regex=values.NOT_BLANK), name="commerce_paymentstep_key_not_blank"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="commerce_paymentstep_amount_positive"),
            models.CheckConstraint(
                condition=one_of("kind", ["authorize", "capture", "release", "refund"]),
                name="commerce_paymentstep_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state="requested", settled_at__isnull=True)
                | one_of("state", ["succeeded", "failed"]) & Q(settled_at__isnull=False),
                name="commerce_paymentstep_settled_has_date",
            ),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(state="requested") & ~Q(kind="refund"),
                name="commerce_paymentstep_one_at_a_time",
            ),
        ]
