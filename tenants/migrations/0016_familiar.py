"""From where and with what people have signed in before."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import tenants.ids
from tenants.grants import protect


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0015_actors"),
    ]

    operations = [
        migrations.CreateModel(
            name="FamiliarMark",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("mark", models.BinaryField(max_length=32)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "mark"), name="tenants_familiarmark_once")
                ],
            },
        ),
        *protect("FamiliarMark", identity="SELECT, INSERT, UPDATE, DELETE"),
    ]
