"""Service accounts, scopes and rotation of API keys, and the keys that sign tokens."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tenants.ids
from tenants.grants import protect
from tenants.rls import CompositeForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0010_mail"),
    ]

    operations = [
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("kid", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("public_key", models.CharField(help_text="Ed25519, 32 bytes in base64url.", max_length=64)),
                ("private_key", models.BinaryField(max_length=500)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("signs_from", models.DateTimeField()),
                ("signs_until", models.DateTimeField(null=True)),
                ("verifies_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="apikey",
            name="last_used_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="apikey",
            name="replaces",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="replaced_by",
                to="tenants.apikey",
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=100), null=True, size=None
            ),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="membership",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="api_keys",
                to="tenants.membership",
            ),
        ),
        migrations.CreateModel(
            name="ServiceAccount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("editor", "Editor"),
                            ("viewer", "Viewer"),
                        ],
                        max_length=20,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="service_accounts",
                        to="tenants.tenant",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="apikey",
            name="service_account",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="api_keys",
                to="tenants.serviceaccount",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.UniqueConstraint(
                fields=("tenant", "replaces"), name="tenants_apikey_replaced_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(("membership", None), ("service_account", None), _connector="XOR"),
                name="tenants_apikey_one_holder",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(("scopes", None), ("scopes__len__gt", 0), _connector="OR"),
                name="tenants_apikey_scopes",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceaccount",
            constraint=models.UniqueConstraint(
                fields=("tenant", "id"), name="tenants_serviceaccount_tenant_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("tenant", "name"),
                name="tenants_serviceaccount_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("role", "owner"), _negated=True), name="tenants_serviceaccount_role"
            ),
        ),
        *protect(
            "ServiceAccount",
            identity="SELECT, INSERT, UPDATE",
            tenant="SELECT",
            console="SELECT",
            backup="SELECT",
        ),
        *protect("SigningKey", identity="SELECT, INSERT, UPDATE"),
        CompositeForeignKey("ApiKey", "service_account_id", "tenants_serviceaccount"),
        CompositeForeignKey("ApiKey", "replaces_id", "tenants_apikey"),
    ]
