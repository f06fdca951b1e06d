"""What is said between some is theirs: the database shows it to no other visitor, whatever the code asks for."""

from pathlib import Path

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


def _sql(name: str) -> str:
    return (SQL / name).read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("social", "0002_rules"), ("visitors", "0002_own_rows")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="members",
            field=ArrayField(models.UUIDField(), default=list, db_default=[], editable=False, size=None),
        ),
        migrations.RunSQL(_sql("members_of_now.sql"), reverse_sql=migrations.RunSQL.noop),
        migrations.RunSQL(
            _sql("remember_members.sql"), reverse_sql="DROP FUNCTION social_remember_members()"
        ),
        migrations.RunSQL(
            _sql("participant_remembered.sql"),
            reverse_sql="DROP TRIGGER social_participant_remembered ON social_participant",
        ),
        migrations.RunSQL(_sql("own_rows.sql"), reverse_sql=_sql("all_rows.sql")),
    ]
