"""The catalogue: categories, products, variants, and the trigger that keeps the tree a tree."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import saas.commerce.ids

SQL = Path(__file__).resolve().parent.parent / "sql"


def _sql(name: str) -> str:
    return (SQL / name).read_text(encoding="utf-8")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("slug", models.CharField(max_length=100)),
                ("position", models.IntegerField(default=0)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="commerce.category",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "categories",
                "ordering": ["position", "name", "id"],
                "indexes": [
                    models.Index(fields=["parent", "position"], name="commerce_category_children"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent__isnull", True),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="commerce_category_not_own_parent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "\\S")), name="commerce_category_name_not_blank"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("slug__regex", "^[a-z0-9]+(-[a-z0-9]+)*$")),
                        name="commerce_category_slug_format",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 0)),
                        name="commerce_category_position_not_negative",
                    ),
                    models.UniqueConstraint(fields=("slug",), name="commerce_category_slug_unique"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("slug", models.CharField(max_length=100)),
                ("sku", models.CharField(max_length=64, verbose_name="SKU")),
                ("description", models.TextField(blank=True, default="")),
                ("price", models.BigIntegerField(help_text="In minor units of the currency.")),
                (
                    "compare_at_price",
                    models.BigIntegerField(
                        blank=True, help_text="The price before, struck through.", null=True
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="commerce.category",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(fields=["-created_at", "-id"], name="commerce_product_newest"),
                    models.Index(
                        fields=["category", "-created_at", "-id"], name="commerce_product_in_category"
                    ),
                    models.Index(
                        condition=models.Q(("archived_at__isnull", True), ("published_at__isnull", False)),
                        fields=["-created_at", "-id"],
                        name="commerce_product_published",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "\\S")), name="commerce_product_name_not_blank"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("slug__regex", "^[a-z0-9]+(-[a-z0-9]+)*$")),
                        name="commerce_product_slug_format",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sku__regex", "^\\S+( \\S+)*$")),
                        name="commerce_product_sku_not_blank",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price__gte", 0)), name="commerce_product_price_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("compare_at_price__isnull", True),
                            ("compare_at_price__gt", models.F("price")),
                            _connector="OR",
                        ),
                        name="commerce_product_compare_at_above_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                        name="commerce_product_currency_iso",
                    ),
                    models.UniqueConstraint(fields=("slug",), name="commerce_product_slug_unique"),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("sku"), name="commerce_product_sku_unique"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Variant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("sku", models.CharField(max_length=64, verbose_name="SKU")),
                (
                    "price_modifier",
                    models.BigIntegerField(
                        default=0, help_text="Added to the product's price, in minor units."
                    ),
                ),
                ("quantity", models.IntegerField(default=0, verbose_name="quantity in stock")),
                ("position", models.IntegerField(default=0)),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variants",
                        to="commerce.product",
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name__regex", "\\S")), name="commerce_variant_name_not_blank"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sku__regex", "^\\S+( \\S+)*$")),
                        name="commerce_variant_sku_not_blank",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("price_modifier__gte", 0)),
                        name="commerce_variant_price_modifier_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 0)),
                        name="commerce_variant_quantity_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 0)),
                        name="commerce_variant_position_not_negative",
                    ),
                    models.UniqueConstraint(
                        fields=("product", "name"), name="commerce_variant_product_name_unique"
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("sku"), name="commerce_variant_sku_unique"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            _sql("refuse_category_cycle.sql"), reverse_sql="DROP FUNCTION commerce_refuse_category_cycle()"
        ),
        migrations.RunSQL(
            _sql("category_acyclic.sql"),
            reverse_sql="DROP TRIGGER commerce_category_acyclic ON commerce_category",
        ),
    ]
