"""A visitor's row is their own: the database shows nobody another one, whatever the code above asks for."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("visitors", "0001_visitors")]

    operations = [
        migrations.RunSQL(
            (SQL / "own_rows.sql").read_text(encoding="utf-8"),
            (SQL / "all_rows.sql").read_text(encoding="utf-8"),
        ),
    ]
