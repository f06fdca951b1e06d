"""The outbox of mails, which only `identity` opens, and how a tenant signs its mails."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import tenants.ids
from tenants.grants import protect


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0009_members"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "tenant_id",
                    models.UUIDField(
                        default=uuid.UUID("00000000-0000-0000-0000-000000000000"), editable=False
                    ),
                ),
                ("purpose", models.CharField(max_length=40)),
                (
                    "sealed",
                    models.TextField(
                        help_text="To whom and with which values, encrypted; '' once it was given up."
                    ),
                ),
                ("queued_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(help_text="When the sweep hands it to a worker (again).")),
                ("attempts", models.SmallIntegerField(default=0)),
                ("failed_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("failed_at__isnull", True)),
                        fields=["due_at"],
                        name="tenants_outgoingmail_due",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MailSettings",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sender_name", models.CharField(blank=True, max_length=60)),
                ("reply_to", models.EmailField(blank=True, max_length=254)),
                (
                    "tenant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mail_settings",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "mail settings",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sender_name__regex", "^[^\\x01-\\x1f\\x7f]*$"),
                            ("reply_to__regex", "^[^\\x01-\\x1f\\x7f]*$"),
                        ),
                        name="tenants_mailsettings_one_line",
                    )
                ],
            },
        ),
        # Whoever may write a mail adds a row and can read none; what a row holds is encrypted with a key of the processes.
        *protect(
            "OutgoingMail",
            app="INSERT",
            identity="SELECT, INSERT, UPDATE, DELETE",
            tenant="INSERT",
            console="SELECT, INSERT",
        ),
        *protect(
            "MailSettings",
            identity="SELECT",
            tenant="SELECT, INSERT, UPDATE",
            console="SELECT",
            backup="SELECT",
        ),
    ]
