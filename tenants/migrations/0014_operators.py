"""Operators' roles, what operators did and read, and their acting under the name of a tenant's member."""

import datetime as dt

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import tenants.ids
from tenants.grants import Grant, protect
from tenants.rls import CompositeForeignKey

ROLES = "support billing engineer admin".split()


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0013_accounts_policy"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImpersonationBan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("set_by", models.CharField(max_length=254)),
                (
                    "tenant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImpersonationGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("operator_name", models.CharField(max_length=254)),
                ("reason", models.CharField(max_length=500)),
                ("read_only", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="OperatorEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("operator_id", models.UUIDField(null=True)),
                (
                    "operator",
                    models.CharField(
                        help_text="The address then, or what somebody typed as one.", max_length=254
                    ),
                ),
                ("action", models.CharField(max_length=100)),
                ("subject", models.CharField(blank=True, max_length=200)),
                (
                    "tenant_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(),
                        default=list,
                        help_text="Whose rows a page showed.",
                        size=None,
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "verbose_name_plural": "operator entries",
            },
        ),
        migrations.AddField(
            model_name="operator",
            name="role",
            field=models.CharField(
                choices=[(role, role.capitalize()) for role in ROLES],
                default="admin",
                max_length=20,
            ),
        ),
        # Who is an operator already could do everything; who becomes one begins with the least.
        migrations.AlterField(
            model_name="operator",
            name="role",
            field=models.CharField(
                choices=[(role, role.capitalize()) for role in ROLES],
                default="support",
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="operator",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ROLES)),
                name="tenants_operator_role",
            ),
        ),
        migrations.CreateModel(
            name="ImpersonationCode",
            fields=[
                (
                    "grant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="tenants.impersonationgrant",
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="impersonationgrant",
            name="membership",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.membership",
            ),
        ),
        migrations.AddField(
            model_name="impersonationgrant",
            name="operator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="impersonationgrant",
            name="tenant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="impersonations",
                to="tenants.tenant",
            ),
        ),
        migrations.AddIndex(
            model_name="operatorentry",
            index=models.Index(fields=["operator_id", "action", "-at"], name="tenants_operatorentry_recent"),
        ),
        migrations.AddField(
            model_name="impersonationcode",
            name="tenant",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="tenants.tenant"),
        ),
        migrations.AddIndex(
            model_name="impersonationgrant",
            index=models.Index(fields=["tenant", "-created_at"], name="tenants_impersonation_recent"),
        ),
        migrations.AddConstraint(
            model_name="impersonationgrant",
            constraint=models.UniqueConstraint(
                fields=("tenant", "id"), name="tenants_impersonation_tenant_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="impersonationgrant",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.GreaterThanOrEqual(
                    django.db.models.functions.text.Length(django.db.models.functions.text.Trim("reason")), 10
                ),
                name="tenants_impersonation_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="impersonationgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("expires_at__gt", models.F("created_at")),
                    (
                        "expires_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("created_at"), "+", models.Value(dt.timedelta(seconds=3600))
                        ),
                    ),
                ),
                name="tenants_impersonation_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="impersonationcode",
            constraint=models.UniqueConstraint(
                fields=("tenant", "digest"), name="tenants_impersonationcode_digest"
            ),
        ),
        Grant("Operator", "console", "UPDATE"),
        Grant("OperatorEntry", "console", "SELECT, INSERT"),
        *protect(
            "ImpersonationGrant",
            identity="SELECT, UPDATE",
            tenant="SELECT",
            console="SELECT, INSERT, UPDATE",
            backup="SELECT",
        ),
        *protect("ImpersonationCode", identity="SELECT, UPDATE", console="INSERT"),
        *protect(
            "ImpersonationBan",
            identity="SELECT, INSERT, DELETE",
            tenant="SELECT",
            console="SELECT",
            backup="SELECT",
        ),
        CompositeForeignKey("ImpersonationGrant", "membership_id", "tenants_membership"),
        CompositeForeignKey("ImpersonationCode", "grant_id", "tenants_impersonationgrant"),
    ]
