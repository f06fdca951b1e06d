"""What the database itself keeps: counters, blocks, what is written once, and foreign keys of two columns."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def _sql(name: str) -> str:
    return (SQL / name).read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("social", "0001_community")]

    operations = [
        migrations.RunSQL(_sql("count_rows.sql"), reverse_sql="DROP FUNCTION social_count_rows()"),
        migrations.RunSQL(_sql("count_change.sql"), reverse_sql="DROP FUNCTION social_count_change()"),
        migrations.RunSQL(_sql("refuse_blocked.sql"), reverse_sql="DROP FUNCTION social_refuse_blocked()"),
        migrations.RunSQL(_sql("refuse_change.sql"), reverse_sql="DROP FUNCTION social_refuse_change()"),
        migrations.RunSQL(_sql("rules.sql"), reverse_sql=_sql("rules_undone.sql")),
        migrations.RunSQL(_sql("counters.sql"), reverse_sql=_sql("counters_undone.sql")),
    ]
