"""The apex host: sessions there, sign-ups that wait, tenants asked for, and codes that take a browser to a tenant."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import tenants.ids
from tenants.grants import protect
from tenants.rls import CompositeForeignKey

EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0011_machines"),
    ]

    operations = [
        migrations.CreateModel(
            name="PendingSignUp",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("password_hash", models.CharField(max_length=200)),
                ("tenant_name", models.CharField(max_length=200)),
                ("slug", models.CharField(max_length=41)),
                (
                    "digest",
                    models.BinaryField(
                        help_text="SHA-256 of the token in the mail.", max_length=32, unique=True
                    ),
                ),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="PersonSession",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("user_id", models.UUIDField(db_index=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OneTimeCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "binding",
                    models.BinaryField(
                        help_text="SHA-256 of the nonce in the browser's cookie.", max_length=32
                    ),
                ),
                (
                    "session_hash",
                    models.CharField(help_text="Of the person, in the tenant's epoch.", max_length=64),
                ),
                (
                    "methods",
                    models.JSONField(
                        default=list, help_text="How the person proved who they are, for the new session."
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "membership",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="tenants.membership",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="tenants.tenant"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="tenants_onetimecode_expires")],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "digest"), name="tenants_onetimecode_digest")
                ],
            },
        ),
        migrations.CreateModel(
            name="TenantRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("slug", models.CharField(max_length=41)),
                ("name", models.CharField(max_length=200)),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("built_at", models.DateTimeField(blank=True, null=True)),
                ("failed_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "error",
                    models.CharField(
                        blank=True, help_text="The code of what went wrong last.", max_length=100
                    ),
                ),
                ("built_id", models.UUIDField(blank=True, null=True)),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tenant_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("built_at__isnull", True), ("failed_at__isnull", True)),
                        fields=["requested_at"],
                        name="tenants_tenantrequest_open",
                    )
                ],
            },
        ),
        *protect("PersonSession", identity=EVERYTHING),
        *protect("PendingSignUp", identity="SELECT, INSERT, DELETE"),
        *protect("TenantRequest", identity="SELECT, INSERT", console="SELECT"),
        *protect("OneTimeCode", identity=EVERYTHING),
        CompositeForeignKey("OneTimeCode", "membership_id", "tenants_membership"),
    ]
