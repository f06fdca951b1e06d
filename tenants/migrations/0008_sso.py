"""E-mail domains, identity providers of tenants and whom they mean, closed to everybody but those named."""

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
        ("tenants", "0007_record"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityProvider",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("issuer", models.CharField(max_length=500)),
                ("client_id", models.CharField(max_length=255)),
                ("default_role", models.CharField(default="viewer", max_length=20)),
                (
                    "session_minutes",
                    models.PositiveIntegerField(default=480, help_text="How long a sign-in holds."),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("jit_since", models.DateTimeField(blank=True, null=True)),
                ("enforced_since", models.DateTimeField(blank=True, null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identity_providers",
                        to="tenants.tenant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SsoAccount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("issuer", models.CharField(max_length=500)),
                ("subject", models.CharField(max_length=255)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "tenant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="tenants.tenant"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sso_accounts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EmailDomain",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("domain", models.CharField(max_length=253)),
                ("token", models.CharField(max_length=64)),
                ("join_role", models.CharField(blank=True, max_length=20, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("lost_at", models.DateTimeField(blank=True, null=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="email_domains",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "domain"), name="tenants_emaildomain_once"),
                    models.UniqueConstraint(fields=("tenant", "id"), name="tenants_emaildomain_tenant_id"),
                    models.UniqueConstraint(
                        condition=models.Q(("lost_at__isnull", True), ("verified_at__isnull", False)),
                        fields=("domain",),
                        name="tenants_emaildomain_proven",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("join_role__isnull", True),
                            ("join_role__in", ["admin", "editor", "viewer"]),
                            _connector="OR",
                        ),
                        name="tenants_emaildomain_join_role",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdentityProviderSecret",
            fields=[
                (
                    "provider",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="secret",
                        serialize=False,
                        to="tenants.identityprovider",
                    ),
                ),
                ("sealed", models.BinaryField()),
                (
                    "tenant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="tenants.tenant"),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="identityprovider",
            constraint=models.UniqueConstraint(fields=("tenant",), name="tenants_identityprovider_once"),
        ),
        migrations.AddConstraint(
            model_name="identityprovider",
            constraint=models.UniqueConstraint(
                fields=("tenant", "id"), name="tenants_identityprovider_tenant_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="identityprovider",
            constraint=models.CheckConstraint(
                condition=models.Q(("default_role__in", ["admin", "editor", "viewer"])),
                name="tenants_identityprovider_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="identityprovider",
            constraint=models.CheckConstraint(
                condition=models.Q(("session_minutes__gte", 5), ("session_minutes__lte", 1440)),
                name="tenants_identityprovider_minutes",
            ),
        ),
        migrations.AddConstraint(
            model_name="ssoaccount",
            constraint=models.UniqueConstraint(
                fields=("tenant", "issuer", "subject"), name="tenants_ssoaccount_once"
            ),
        ),
        *protect(
            "EmailDomain", identity=EVERYTHING, tenant="SELECT", console="SELECT, UPDATE", backup="SELECT"
        ),
        *protect("IdentityProvider", identity=EVERYTHING, tenant="SELECT", console="SELECT", backup="SELECT"),
        *protect("IdentityProviderSecret", identity=EVERYTHING),
        *protect("SsoAccount", identity="SELECT, INSERT, DELETE"),
        CompositeForeignKey("IdentityProviderSecret", "provider_id", "tenants_identityprovider"),
    ]
