"""Who is behind an entry of the record, and the seals that show whether somebody changed it."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tenants.ids
from tenants.grants import protect


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0006_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="address",
            field=models.GenericIPAddressField(help_text="Where the request came from.", null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="impersonator",
            field=models.CharField(
                blank=True, help_text="The operator who acted under the actor's name.", max_length=254
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="impersonator_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="request_id",
            field=models.CharField(
                blank=True, help_text="As the response said in X-Request-ID.", max_length=32
            ),
        ),
        migrations.CreateModel(
            name="AuditCheckpoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("key_id", models.CharField(max_length=16)),
                (
                    "proof",
                    models.CharField(
                        help_text="Made with the key, so that nobody else can move the beginning.",
                        max_length=64,
                    ),
                ),
                ("pruned_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "number"), name="tenants_auditcheckpoint_number"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.BigIntegerField(help_text="From 1, without gaps.")),
                ("format", models.SmallIntegerField(help_text="Which columns the hash covers.")),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                (
                    "key_id",
                    models.CharField(
                        help_text="Which key made the hash; the key is not in the database.", max_length=16
                    ),
                ),
                ("entry_count", models.IntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("sealed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_seals",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "number"), name="tenants_auditseal_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditSealedEntry",
            fields=[
                ("entry_id", models.UUIDField(db_column="id", primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(help_text="The seal's.")),
                ("position", models.IntegerField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "number", "position"), name="tenants_auditsealedentry_position"
                    )
                ],
            },
        ),
        *protect("AuditSeal", tenant="SELECT", console="SELECT", backup="SELECT"),
        *protect("AuditSealedEntry", console="SELECT", backup="SELECT"),
        *protect("AuditCheckpoint", console="SELECT", backup="SELECT"),
    ]
