"""Locks that belong to a tenant; functions of later migrations are closed until they are granted."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"
UNDO = """
DROP FUNCTION public.tenants_hold_lock(text);
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON ROUTINES TO PUBLIC;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_protect")]

    operations = [migrations.RunSQL((SQL / "locks.sql").read_text(encoding="utf-8"), UNDO)]
