"""A customer's rows are their own: the database shows them to no other visitor, whatever the code asks for."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("commerce", "0010_orders"), ("visitors", "0002_own_rows")]

    operations = [
        migrations.RunSQL(
            (SQL / "own_rows.sql").read_text(encoding="utf-8"),
            (SQL / "all_rows.sql").read_text(encoding="utf-8"),
        ),
    ]
