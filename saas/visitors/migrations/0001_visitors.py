"""Who comes to the tenant's own site."""

import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import saas.visitors.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Visitor",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.visitors.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.CharField(blank=True, max_length=254, null=True)),
                ("password", models.CharField(blank=True, default="", editable=False, max_length=128)),
                ("epoch", models.UUIDField(default=saas.visitors.ids.new, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("last_seen_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "indexes": [models.Index(fields=["-created_at", "-id"], name="visitors_visitor_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email__isnull", True), ("email__regex", "^[^@\\s]+@[^@\\s]+$"), _connector="OR"
                        ),
                        name="visitors_visitor_email_format",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("password", ""), ("email__isnull", False), _connector="OR"),
                        name="visitors_visitor_password_needs_email",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verified_at__isnull", True), ("email__isnull", False), _connector="OR"
                        ),
                        name="visitors_visitor_verified_needs_email",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="visitors_visitor_email_unique"
                    ),
                ],
            },
        ),
    ]
