"""The two functions that own-row policies inside a tenant ask: does the actor see all, and which visitor is it."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"
DROP = "DROP FUNCTION public.actor_sees_all(); DROP FUNCTION public.current_visitor();"


class Migration(migrations.Migration):
    dependencies = [("tenants", "0014_operators")]

    operations = [migrations.RunSQL((SQL / "actors.sql").read_text(encoding="utf-8"), DROP)]
