"""What the database keeps of itself: the stock by its log, ratings by reviews, and what belongs together."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def _sql(name: str) -> str:
    return (SQL / name).read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("commerce", "0003_catalog_details")]

    operations = [
        migrations.RunSQL(
            _sql("choice_belongs.sql"),
            reverse_sql="ALTER TABLE commerce_choice DROP CONSTRAINT commerce_choice_variant_of_product,"
            " DROP CONSTRAINT commerce_choice_option_of_product, DROP CONSTRAINT commerce_choice_value_of_option",
        ),
        migrations.RunSQL(
            _sql("pastprice_no_overlap.sql"),
            reverse_sql="ALTER TABLE commerce_pastprice DROP CONSTRAINT commerce_pastprice_no_overlap",
        ),
        migrations.RunSQL(_sql("refuse_change.sql"), reverse_sql="DROP FUNCTION commerce_refuse_change()"),
        migrations.RunSQL(
            _sql("apply_stock_entry.sql"), reverse_sql="DROP FUNCTION commerce_apply_stock_entry()"
        ),
        migrations.RunSQL(
            _sql("stockentry_apply.sql"),
            reverse_sql="DROP TRIGGER commerce_stockentry_apply ON commerce_stockentry",
        ),
        migrations.RunSQL(
            _sql("stockentry_append_only.sql"),
            reverse_sql="DROP TRIGGER commerce_stockentry_append_only ON commerce_stockentry",
        ),
        migrations.RunSQL(_sql("mark_low_stock.sql"), reverse_sql="DROP FUNCTION commerce_mark_low_stock()"),
        migrations.RunSQL(
            _sql("variant_low.sql"), reverse_sql="DROP TRIGGER commerce_variant_mark_low ON commerce_variant"
        ),
        migrations.RunSQL(
            _sql("refuse_last_variant.sql"), reverse_sql="DROP FUNCTION commerce_refuse_last_variant()"
        ),
        migrations.RunSQL(
            _sql("variant_last.sql"), reverse_sql="DROP TRIGGER commerce_variant_last ON commerce_variant"
        ),
        migrations.RunSQL(_sql("count_review.sql"), reverse_sql="DROP FUNCTION commerce_count_review()"),
        migrations.RunSQL(
            _sql("review_rating.sql"), reverse_sql="DROP TRIGGER commerce_review_rating ON commerce_review"
        ),
        migrations.RunSQL(_sql("count_vote.sql"), reverse_sql="DROP FUNCTION commerce_count_vote()"),
        migrations.RunSQL(
            _sql("reviewvote_count.sql"),
            reverse_sql="DROP TRIGGER commerce_reviewvote_count ON commerce_reviewvote",
        ),
        migrations.RunSQL(
            _sql("reviewvote_unchanged.sql"),
            reverse_sql="DROP TRIGGER commerce_reviewvote_unchanged ON commerce_reviewvote",
        ),
    ]
