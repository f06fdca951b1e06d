"""What the admin of a tenant reads of Django's own tables: names of our models, and nobody's data."""

from django.db import migrations

from tenants.grants import Grant


class Migration(migrations.Migration):
    dependencies = [
        ("saas", "0001_console_grants"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("tenants", "0014_operators"),
    ]

    operations = [Grant("contenttypes.ContentType", "tenant", "SELECT")]
