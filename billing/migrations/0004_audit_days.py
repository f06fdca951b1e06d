"""How long a plan keeps the record of who did what."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_catalogue"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="audit_days",
            field=models.PositiveIntegerField(
                default=365, help_text="How long the record of who did what is kept."
            ),
        ),
    ]
