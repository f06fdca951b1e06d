"""A date for tenants whose role logs in by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_names")]

    operations = [
        migrations.AddField(
            "tenant",
            "strict_since",
            models.DateTimeField(
                blank=True,
                help_text="Since when its role logs in by itself, with its present password.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            "tenant",
            models.Index(
                condition=models.Q(("strict_since__isnull", False)),
                fields=["strict_since"],
                name="tenants_tenant_strict",
            ),
        ),
    ]
