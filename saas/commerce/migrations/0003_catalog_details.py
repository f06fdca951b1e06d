"""What the catalogue, the customers, the stock, the reviews and the views need for rows; triggers come next."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.lookups
import django.utils.timezone
from django.db import migrations, models

import saas.commerce.ids


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0002_customers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("company", models.CharField(blank=True, default="", max_length=200)),
                ("line1", models.CharField(max_length=200)),
                ("line2", models.CharField(blank=True, default="", max_length=200)),
                ("postal_code", models.CharField(blank=True, default="", max_length=20)),
                ("city", models.CharField(max_length=200)),
                ("region", models.CharField(blank=True, default="", max_length=200)),
                ("country", models.CharField(help_text="The two capital letters of ISO 3166.", max_length=2)),
                ("is_default_shipping", models.BooleanField(default=False)),
                ("is_default_billing", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name_plural": "addresses",
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Brand",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("slug", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True, default="")),
                ("website", models.CharField(blank=True, default="", max_length=500)),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Choice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "ordering": ["option__position", "option"],
            },
        ),
        migrations.CreateModel(
            name="Image",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=500)),
                (
                    "alt",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="alternative text"),
                ),
                ("position", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Option",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("position", models.IntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="OptionValue",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "price_modifier",
                    models.BigIntegerField(default=0, help_text="In minor units of the product's currency."),
                ),
                ("position", models.IntegerField(default=0)),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="PastPrice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("price", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("valid_from", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
            ],
            options={
                "ordering": ["-valid_until", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Phone",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(help_text="In the form of E.164: +49301234567.", max_length=16)),
                ("label", models.CharField(blank=True, default="", max_length=200)),
                ("is_primary", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["-is_primary", "created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ProductTag",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProductView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ProductViewDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("count", models.BigIntegerField()),
            ],
            options={
                "ordering": ["-day", "product"],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("rating", models.SmallIntegerField(help_text="1 to 5.")),
                ("title", models.CharField(blank=True, default="", max_length=120)),
                ("body", models.TextField(blank=True, default="")),
                (
                    "verified_order_id",
                    models.UUIDField(
                        blank=True,
                        editable=False,
                        help_text="The order by which this customer bought it.",
                        null=True,
                    ),
                ),
                ("hidden_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("helpful_count", models.IntegerField(default=0, editable=False)),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ReviewVote",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="StockEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "number",
                    models.IntegerField(default=0, editable=False, help_text="1, 2, 3 ... of this variant."),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("purchase", "Purchase"),
                            ("sale", "Sale"),
                            ("adjustment", "Adjustment"),
                            ("return", "Return"),
                            ("transfer", "Transfer"),
                        ],
                        max_length=10,
                    ),
                ),
                ("change", models.IntegerField()),
                ("previous_quantity", models.IntegerField(default=0, editable=False)),
                ("quantity", models.IntegerField(default=0, editable=False)),
                ("order_id", models.UUIDField(blank=True, null=True)),
                (
                    "transfer_id",
                    models.UUIDField(
                        blank=True, help_text="The same in both entries of a transfer.", null=True
                    ),
                ),
                ("reference", models.CharField(blank=True, default="", max_length=100)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("by", models.CharField(blank=True, default="", max_length=100)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name_plural": "stock entries",
                "ordering": ["variant", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("slug", models.CharField(max_length=100)),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Wishlist",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="WishlistItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("quantity", models.IntegerField(default=1)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["-added_at", "-id"],
            },
        ),
        migrations.AlterModelOptions(
            name="product",
            options={"base_manager_name": "objects", "ordering": ["-created_at", "-id"]},
        ),
        migrations.AddField(
            model_name="product",
            name="barcode",
            field=models.CharField(
                blank=True, default="", help_text="GTIN of 8, 12, 13 or 14 digits.", max_length=14
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="cost",
            field=models.BigIntegerField(
                blank=True, help_text="What one costs the shop; shoppers never see it.", null=True
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="featured_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="height",
            field=models.IntegerField(blank=True, help_text="In millimetres.", null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="length",
            field=models.IntegerField(blank=True, help_text="In millimetres.", null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="rating_count",
            field=models.IntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="product",
            name="rating_sum",
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="product",
            name="seo_description",
            field=models.CharField(blank=True, default="", max_length=320, verbose_name="SEO description"),
        ),
        migrations.AddField(
            model_name="product",
            name="seo_title",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="SEO title"),
        ),
        migrations.AddField(
            model_name="variant",
            name="barcode",
            field=models.CharField(
                blank=True, default="", help_text="GTIN of 8, 12, 13 or 14 digits.", max_length=14
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="weight",
            field=models.IntegerField(blank=True, help_text="In grams.", null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="width",
            field=models.IntegerField(blank=True, help_text="In millimetres.", null=True),
        ),
        migrations.AddField(
            model_name="variant",
            name="low_since",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="variant",
            name="low_told_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="variant",
            name="stock_maximum",
            field=models.IntegerField(blank=True, help_text="No purchase may fill up beyond it.", null=True),
        ),
        migrations.AddField(
            model_name="variant",
            name="stock_minimum",
            field=models.IntegerField(
                blank=True, help_text="At this quantity or below, stock is low.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="variant",
            index=models.Index(
                condition=models.Q(("low_since__isnull", False)),
                fields=["low_since", "id"],
                name="commerce_variant_low",
            ),
        ),
        migrations.AddIndex(
            model_name="variant",
            index=models.Index(
                condition=models.Q(("barcode", ""), _negated=True),
                fields=["barcode"],
                name="commerce_variant_by_barcode",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("barcode", ""), ("barcode__regex", "^([0-9]{8}|[0-9]{12,14})$"), _connector="OR"
                ),
                name="commerce_variant_barcode_format",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stock_minimum__isnull", True), ("stock_minimum__gte", 0), _connector="OR"
                ),
                name="commerce_variant_stock_minimum_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stock_maximum__isnull", True),
                    models.Q(
                        ("stock_maximum__gt", 0),
                        models.Q(
                            ("stock_minimum__isnull", True),
                            ("stock_maximum__gt", models.F("stock_minimum")),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="commerce_variant_stock_maximum_above_minimum",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("low_told_at__isnull", True), ("low_since__isnull", False), _connector="OR"
                ),
                name="commerce_variant_told_only_when_low",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.UniqueConstraint(
                fields=("id", "product"), name="commerce_variant_with_product"
            ),
        ),
        migrations.AddField(
            model_name="address",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="addresses",
                to="commerce.customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="brand",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "\\S")), name="commerce_brand_name_not_blank"
            ),
        ),
        migrations.AddConstraint(
            model_name="brand",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__regex", "^[a-z0-9]+(-[a-z0-9]+)*$")),
                name="commerce_brand_slug_format",
            ),
        ),
        migrations.AddConstraint(
            model_name="brand",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("website", ""), ("website__regex", "^https?://[^\\s]+$"), _connector="OR"
                ),
                name="commerce_brand_website_format",
            ),
        ),
        migrations.AddConstraint(
            model_name="brand",
            constraint=models.UniqueConstraint(fields=("slug",), name="commerce_brand_slug_unique"),
        ),
        migrations.AddField(
            model_name="product",
            name="brand",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="commerce.brand",
            ),
        ),
        migrations.AddField(
            model_name="choice",
            name="product",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="commerce.product",
            ),
        ),
        migrations.AddField(
            model_name="choice",
            name="variant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="choices",
                to="commerce.variant",
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="brand",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="images",
                to="commerce.brand",
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="category",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="images",
                to="commerce.category",
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="product",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="images",
                to="commerce.product",
            ),
        ),
        migrations.AddField(
            model_name="option",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="options",
                to="commerce.product",
            ),
        ),
        migrations.AddField(
            model_name="choice",
            name="option",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="commerce.option",
            ),
        ),
        migrations.AddField(
            model_name="optionvalue",
            name="option",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="values",
                to="commerce.option",
            ),
        ),
        migrations.AddField(
            model_name="choice",
            name="value",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="choices",
                to="commerce.optionvalue",
            ),
        ),
        migrations.AddField(
            model_name="pastprice",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="past_prices",
                to="commerce.product",
            ),
        ),
        migrations.AddField(
            model_name="phone",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="phones",
                to="commerce.customer",
            ),
        ),
        migrations.AddField(
            model_name="producttag",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="commerce.product",
            ),
        ),
        migrations.AddField(
            model_name="productview",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="commerce.customer",
            ),
        ),
        migrations.AddField(
            model_name="productview",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="views",
                to="commerce.product",
            ),
        ),
        migrations.AddField(
            model_name="productviewday",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="views_per_day",
                to="commerce.product",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reviews",
                to="commerce.customer",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reviews",
                to="commerce.product",
            ),
        ),
        migrations.AddField(
            model_name="reviewvote",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="commerce.customer",
            ),
        ),
        migrations.AddField(
            model_name="reviewvote",
            name="review",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="votes",
                to="commerce.review",
            ),
        ),
        migrations.AddField(
            model_name="stockentry",
            name="variant",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stock_entries",
                to="commerce.variant",
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "\\S")), name="commerce_tag_name_not_blank"
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__regex", "^[a-z0-9]+(-[a-z0-9]+)*$")),
                name="commerce_tag_slug_format",
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(fields=("slug",), name="commerce_tag_slug_unique"),
        ),
        migrations.AddField(
            model_name="producttag",
            name="tag",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="commerce.tag",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="tags",
            field=models.ManyToManyField(
                related_name="products", through="commerce.ProductTag", to="commerce.tag"
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["brand", "-created_at", "-id"], name="commerce_product_of_brand"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                condition=models.Q(("archived_at__isnull", True), ("published_at__isnull", False)),
                fields=["price", "id"],
                name="commerce_product_by_price",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                condition=models.Q(("archived_at__isnull", True), ("featured_at__isnull", False)),
                fields=["-featured_at", "-id"],
                name="commerce_product_featured",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                condition=models.Q(("barcode", ""), _negated=True),
                fields=["barcode"],
                name="commerce_product_by_barcode",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="search",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.contrib.postgres.search.CombinedSearchVector(
                    django.contrib.postgres.search.CombinedSearchVector(
                        django.contrib.postgres.search.SearchVector(
                            "name", "sku", "barcode", config="simple", weight="A"
                        ),
                        "||",
                        django.contrib.postgres.search.SearchVector(
                            "seo_title", "seo_description", config="simple", weight="B"
                        ),
                        django.contrib.postgres.search.SearchConfig("simple"),
                    ),
                    "||",
                    django.contrib.postgres.search.SearchVector("description", config="simple", weight="C"),
                    django.contrib.postgres.search.SearchConfig("simple"),
                ),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="commerce_product_search"),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("barcode", ""), ("barcode__regex", "^([0-9]{8}|[0-9]{12,14})$"), _connector="OR"
                ),
                name="commerce_product_barcode_format",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("cost__isnull", True), ("cost__gte", 0), _connector="OR"),
                name="commerce_product_cost_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight__isnull", True), ("weight__gt", 0), _connector="OR"),
                name="commerce_product_weight_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("height__isnull", True), ("length__isnull", True), ("width__isnull", True)),
                    models.Q(
                        ("height__gt", 0),
                        ("height__isnull", False),
                        ("length__gt", 0),
                        ("length__isnull", False),
                        ("width__gt", 0),
                        ("width__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="commerce_product_dimensions_all_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rating_count__gte", 0),
                    ("rating_sum__gte", models.F("rating_count")),
                    (
                        "rating_sum__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("rating_count"), "*", models.Value(5)
                        ),
                    ),
                ),
                name="commerce_product_rating_possible",
            ),
        ),
        migrations.AddField(
            model_name="wishlist",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="wishlists",
                to="commerce.customer",
            ),
        ),
        migrations.AddField(
            model_name="wishlistitem",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="commerce.product",
            ),
        ),
        migrations.AddField(
            model_name="wishlistitem",
            name="wishlist",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="commerce.wishlist",
            ),
        ),
        migrations.AddField(
            model_name="wishlist",
            name="products",
            field=models.ManyToManyField(
                blank=True, related_name="wishlists", through="commerce.WishlistItem", to="commerce.product"
            ),
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(fields=["customer", "created_at", "id"], name="commerce_address_of_customer"),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "\\S"), ("line1__regex", "\\S"), ("city__regex", "\\S")),
                name="commerce_address_not_blank",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="commerce_address_country_iso"
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default_shipping", True)),
                fields=("customer",),
                name="commerce_address_one_default_shipping",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default_billing", True)),
                fields=("customer",),
                name="commerce_address_one_default_billing",
            ),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    models.Func(
                        models.F("product"),
                        models.F("category"),
                        models.F("brand"),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="commerce_image_of_exactly_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("key__regex", "^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$")
                ),
                name="commerce_image_key_format",
            ),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 0)), name="commerce_image_position_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.UniqueConstraint(
                fields=("product", "key"), name="commerce_image_once_per_product"
            ),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.UniqueConstraint(
                fields=("category", "key"), name="commerce_image_once_per_category"
            ),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.UniqueConstraint(fields=("brand", "key"), name="commerce_image_once_per_brand"),
        ),
        migrations.AddConstraint(
            model_name="option",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "\\S")), name="commerce_option_name_not_blank"
            ),
        ),
        migrations.AddConstraint(
            model_name="option",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 0)), name="commerce_option_position_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="option",
            constraint=models.UniqueConstraint(
                fields=("product", "name"), name="commerce_option_name_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="option",
            constraint=models.UniqueConstraint(fields=("id", "product"), name="commerce_option_with_product"),
        ),
        migrations.AddConstraint(
            model_name="optionvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "\\S")), name="commerce_optionvalue_name_not_blank"
            ),
        ),
        migrations.AddConstraint(
            model_name="optionvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_modifier__gte", 0)),
                name="commerce_optionvalue_price_modifier_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="optionvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 0)), name="commerce_optionvalue_position_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="optionvalue",
            constraint=models.UniqueConstraint(
                fields=("option", "name"), name="commerce_optionvalue_name_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="optionvalue",
            constraint=models.UniqueConstraint(
                fields=("id", "option"), name="commerce_optionvalue_with_option"
            ),
        ),
        migrations.AddIndex(
            model_name="choice",
            index=models.Index(fields=["option", "value"], name="commerce_choice_of_value"),
        ),
        migrations.AddIndex(
            model_name="choice",
            index=models.Index(fields=["product"], name="commerce_choice_of_product"),
        ),
        migrations.AddConstraint(
            model_name="choice",
            constraint=models.UniqueConstraint(
                fields=("variant", "option"), name="commerce_choice_option_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="pastprice",
            index=models.Index(fields=["product", "-valid_until"], name="commerce_pastprice_newest"),
        ),
        migrations.AddConstraint(
            model_name="pastprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("price__gte", 0)), name="commerce_pastprice_price_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="pastprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="commerce_pastprice_currency_iso"
            ),
        ),
        migrations.AddConstraint(
            model_name="pastprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_from__lt", models.F("valid_until"))),
                name="commerce_pastprice_time_not_empty",
            ),
        ),
        migrations.AddConstraint(
            model_name="phone",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__regex", "^[+][1-9][0-9]{6,14}$")), name="commerce_phone_format"
            ),
        ),
        migrations.AddConstraint(
            model_name="phone",
            constraint=models.UniqueConstraint(fields=("customer", "number"), name="commerce_phone_unique"),
        ),
        migrations.AddConstraint(
            model_name="phone",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_primary", True)),
                fields=("customer",),
                name="commerce_phone_one_primary",
            ),
        ),
        migrations.AddIndex(
            model_name="productview",
            index=models.Index(fields=["at"], name="commerce_productview_at"),
        ),
        migrations.AddIndex(
            model_name="productview",
            index=models.Index(fields=["product"], name="commerce_productview_of"),
        ),
        migrations.AddIndex(
            model_name="productview",
            index=models.Index(
                condition=models.Q(("customer__isnull", False)),
                fields=["customer", "-at", "-id"],
                name="commerce_productview_by",
            ),
        ),
        migrations.AddIndex(
            model_name="productviewday",
            index=models.Index(fields=["day", "-count"], name="commerce_productviewday_most"),
        ),
        migrations.AddConstraint(
            model_name="productviewday",
            constraint=models.CheckConstraint(
                condition=models.Q(("count__gt", 0)), name="commerce_productviewday_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="productviewday",
            constraint=models.UniqueConstraint(
                fields=("product", "day"), name="commerce_productviewday_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("hidden_at__isnull", True)),
                fields=["product", "-created_at", "-id"],
                name="commerce_review_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("hidden_at__isnull", True)),
                fields=["product", "-helpful_count", "-id"],
                name="commerce_review_most_helpful",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["customer", "-created_at", "-id"], name="commerce_review_of_customer"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("rating__gte", 1), ("rating__lte", 5)),
                name="commerce_review_rating_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("helpful_count__gte", 0)), name="commerce_review_helpful_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(fields=("product", "customer"), name="commerce_review_once"),
        ),
        migrations.AddIndex(
            model_name="reviewvote",
            index=models.Index(fields=["customer"], name="commerce_reviewvote_of"),
        ),
        migrations.AddConstraint(
            model_name="reviewvote",
            constraint=models.UniqueConstraint(
                fields=("review", "customer"), name="commerce_reviewvote_once"
            ),
        ),
        migrations.AddIndex(
            model_name="stockentry",
            index=models.Index(
                condition=models.Q(("order_id__isnull", False)),
                fields=["order_id", "variant"],
                name="commerce_stockentry_of_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "quantity",
                        django.db.models.expressions.CombinedExpression(
                            models.F("previous_quantity"), "+", models.F("change")
                        ),
                    )
                ),
                name="commerce_stockentry_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 0)), name="commerce_stockentry_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="stockentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("change__gt", 0), ("kind", "purchase")),
                    models.Q(("change__lt", 0), ("kind", "sale")),
                    models.Q(("kind", "adjustment"), models.Q(("change", 0), _negated=True)),
                    models.Q(("change__gt", 0), ("kind", "return")),
                    models.Q(("kind", "transfer"), models.Q(("change", 0), _negated=True)),
                    _connector="OR",
                ),
                name="commerce_stockentry_kind_and_sign",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("kind", "sale"), ("kind", "return"), _connector="OR"),
                        ("order_id__isnull", False),
                    ),
                    models.Q(
                        models.Q(("kind", "sale"), _negated=True),
                        models.Q(("kind", "return"), _negated=True),
                        ("order_id__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="commerce_stockentry_order_when_sold",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "transfer"), ("transfer_id__isnull", False)),
                    models.Q(models.Q(("kind", "transfer"), _negated=True), ("transfer_id__isnull", True)),
                    _connector="OR",
                ),
                name="commerce_stockentry_transfer_when_moved",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockentry",
            constraint=models.UniqueConstraint(
                fields=("variant", "number"), name="commerce_stockentry_number_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="producttag",
            index=models.Index(fields=["tag", "product"], name="commerce_producttag_of_tag"),
        ),
        migrations.AddConstraint(
            model_name="producttag",
            constraint=models.UniqueConstraint(fields=("product", "tag"), name="commerce_producttag_unique"),
        ),
        migrations.AddIndex(
            model_name="wishlistitem",
            index=models.Index(fields=["wishlist", "-added_at", "-id"], name="commerce_wishlistitem_newest"),
        ),
        migrations.AddIndex(
            model_name="wishlistitem",
            index=models.Index(fields=["product"], name="commerce_wishlistitem_of"),
        ),
        migrations.AddConstraint(
            model_name="wishlistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="commerce_wishlistitem_quantity_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="wishlistitem",
            constraint=models.UniqueConstraint(
                fields=("wishlist", "product"), name="commerce_wishlistitem_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="wishlist",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "\\S")), name="commerce_wishlist_name_not_blank"
            ),
        ),
        migrations.AddConstraint(
            model_name="wishlist",
            constraint=models.UniqueConstraint(
                fields=("customer", "name"), name="commerce_wishlist_name_unique"
            ),
        ),
    ]
