"""Rows in `public` that say what a tenant may use and what it used. Amounts are integers in minor units."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from tenants import ids
from tenants.models import LIVE, Tenant


class Plan(models.Model):
    """What a tenant can subscribe to. The catalogue is the same for all, so every tenant may read it."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    price = models.BigIntegerField(help_text="Per month, in minor units.")
    currency = models.CharField(max_length=3, default="EUR")
    position = models.SmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)
    audit_days = models.PositiveIntegerField(
        default=365, help_text="How long the record of who did what is kept."
    )
    seats = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="How many members a tenant may have, those who are invited counted. Empty: any number.",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(price__gte=0), name="billing_plan_price"),
            models.CheckConstraint(
                condition=models.Q(currency__regex="^[A-Z]{3}$"), name="billing_plan_currency"
            ),
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="billing_plan_seats"),
        ]
        ordering: ClassVar = ["position"]

    def __str__(self) -> str:
        return self.name


class Subscription(models.Model):
    """A tenant on a plan, from a date until another date."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions")
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant"], condition=LIVE, name="billing_subscription_one"),
            models.UniqueConstraint(fields=["tenant", "id"], name="billing_subscription_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"subscription {self.id}"


class Flag(models.Model):
    """A feature flag: on or off for all tenants, unless a tenant has its own answer."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    enabled = models.BooleanField(default=False, help_text="The answer for tenants without one of their own.")

    def __str__(self) -> str:
        return self.name


class FlagOverride(models.Model):
    """One tenant's own answer to a flag."""

    ON_CLONE = "copy"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="flag_overrides")
    flag = models.ForeignKey(Flag, on_delete=models.CASCADE, related_name="overrides")
    enabled = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "flag"], name="billing_flagoverride_once"),
        ]

    def __str__(self) -> str:
        return f"{self.flag_id}: {'on' if self.enabled else 'off'}"


class UsageEvent(models.Model):
    """Something billable that happened, written in the transaction of the thing itself."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="usage_events")
    meter = models.CharField(max_length=100)
    event_id = models.CharField(
        max_length=255, help_text="Unique per tenant; the same event twice is one event."
    )
    quantity = models.BigIntegerField()
    properties = models.JSONField(default=dict)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "event_id"], name="billing_usageevent_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="billing_usageevent_quantity"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "meter", "recorded_at"], name="billing_usageevent_meter")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.meter}"


class UsageCount(models.Model):
    """What one process counted for display since its last flush; the roll-up adds it up and deletes it."""

    ON_CLONE = None

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    meter = models.CharField(max_length=100)
    hour = models.DateTimeField()
    quantity = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.quantity} {self.meter}"


class UsageHour(models.Model):
    """Display counter of a tenant per hour, for charts; never a base of a bill."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="usage_hours")
    meter = models.CharField(max_length=100)
    hour = models.DateTimeField()
    quantity = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "meter", "hour"], name="billing_usagehour_once"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.meter}"
