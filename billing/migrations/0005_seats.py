"""How many members a plan allows, and what `identity`, under which people join, may read of it."""

import django.core.validators
from django.db import migrations, models

from tenants.grants import Grant
from tenants.rls import RolePolicy


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_audit_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="seats",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="How many members a tenant may have, those who are invited counted. Empty: any number.",
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("seats__gte", 1)), name="billing_plan_seats"
            ),
        ),
        # Which plan a tenant is on now, and how many seats that has: no dates, no prices, nothing of the past.
        RolePolicy("Subscription", "identity", "ended_at IS NULL"),
        Grant("Subscription", "identity", "SELECT", columns=("tenant_id", "plan_id", "ended_at")),
        Grant("Plan", "identity", "SELECT", columns=("id", "seats")),
    ]
