"""Grants for the console on tables of Django's own apps."""

from pathlib import Path

from django.conf import settings
from django.db import migrations

SQL = Path(__file__).parent.parent / "sql" / "console_grants.sql"
REVOKE = """
REVOKE ALL ON public.django_content_type, public.auth_permission, public.auth_group, public.django_admin_log
FROM console;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), REVOKE)]
