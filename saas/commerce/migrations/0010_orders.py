"""Carts, coupons, orders and payments, and the triggers that keep them what they are."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models

import saas.commerce.ids

SQL = Path(__file__).resolve().parent.parent / "sql"


def _run(name: str, reverse_sql: str) -> migrations.RunSQL:
    return migrations.RunSQL((SQL / name).read_text(encoding="utf-8"), reverse_sql=reverse_sql)


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0004_stock_and_reviews"),
    ]

    operations = [
        migrations.CreateModel(
            name="Coupon",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("currency", models.CharField(max_length=3)),
                ("percent", models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True)),
                ("amount", models.BigIntegerField(blank=True, null=True)),
                ("minimum_order", models.BigIntegerField(default=0)),
                ("maximum_discount", models.BigIntegerField(blank=True, null=True)),
                ("total_limit", models.IntegerField(blank=True, null=True)),
                ("customer_limit", models.IntegerField(blank=True, null=True)),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True, help_text="Not valid any more from this moment on.", null=True
                    ),
                ),
                ("used", models.IntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Cart",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="carts",
                        to="commerce.customer",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merged",
                        to="commerce.cart",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="CartLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("quantity", models.IntegerField(default=1)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "cart",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="commerce.cart",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="commerce.variant"
                    ),
                ),
            ],
            options={
                "ordering": ["added_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="CouponCustomer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "coupon",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="for_customers",
                        to="commerce.coupon",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="commerce.customer"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="coupon",
            name="customers",
            field=models.ManyToManyField(
                related_name="+", through="commerce.CouponCustomer", to="commerce.customer"
            ),
        ),
        migrations.CreateModel(
            name="CouponProduct",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "coupon",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="for_products",
                        to="commerce.coupon",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="commerce.product"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="coupon",
            name="products",
            field=models.ManyToManyField(
                related_name="+", through="commerce.CouponProduct", to="commerce.product"
            ),
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.BigIntegerField(editable=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("confirmed", "Confirmed"),
                            ("processing", "Processing"),
                            ("shipped", "Shipped"),
                            ("delivered", "Delivered"),
                            ("cancelled", "Cancelled"),
                            ("returned", "Returned"),
                        ],
                        default="pending",
                        max_length=20,
                    ),
                ),
                (
                    "payment_status",
                    models.CharField(
                        choices=[
                            ("unpaid", "Unpaid"),
                            ("authorized", "Authorized"),
                            ("paid", "Paid"),
                            ("partially_refunded", "Partially Refunded"),
                            ("refunded", "Refunded"),
                            ("failed", "Failed"),
                        ],
                        default="unpaid",
                        max_length=20,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("subtotal", models.BigIntegerField()),
                ("discount", models.BigIntegerField(default=0)),
                ("shipping", models.BigIntegerField(default=0)),
                ("tax", models.BigIntegerField(default=0)),
                (
                    "tax_included",
                    models.BooleanField(default=False, help_text="The prices have the tax in them."),
                ),
                ("total", models.BigIntegerField()),
                ("email", models.CharField(blank=True, default="", max_length=254)),
                ("shipping_address", models.JSONField()),
                ("billing_address", models.JSONField()),
                ("tracking_number", models.CharField(blank=True, default="", max_length=100)),
                ("placed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("changes", models.IntegerField(default=0, editable=False)),
                ("changed_by", models.CharField(blank=True, default="", editable=False, max_length=100)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "cart",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order",
                        to="commerce.cart",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="commerce.customer",
                    ),
                ),
            ],
            options={
                "ordering": ["-placed_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="CouponUse",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("discount", models.BigIntegerField()),
                ("used_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("returned_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "coupon",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="commerce.coupon",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="commerce.customer"
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coupon_use",
                        to="commerce.order",
                    ),
                ),
            ],
            options={
                "ordering": ["-used_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="OrderChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.IntegerField()),
                ("field", models.CharField(max_length=20)),
                ("before", models.CharField(max_length=20)),
                ("after", models.CharField(max_length=20)),
                ("by", models.CharField(max_length=100)),
                ("at", models.DateTimeField()),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="history",
                        to="commerce.order",
                    ),
                ),
            ],
            options={
                "ordering": ["order", "number"],
            },
        ),
        migrations.CreateModel(
            name="OrderCounter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.SmallIntegerField(default=1, editable=False)),
                ("last", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("position", 1)), name="commerce_ordercounter_first_row"
                    ),
                    models.UniqueConstraint(fields=("position",), name="commerce_ordercounter_one_row"),
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", 1)), name="commerce_ordercounter_last_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.IntegerField()),
                ("name", models.CharField(max_length=200)),
                ("variant_name", models.CharField(max_length=200)),
                ("sku", models.CharField(max_length=64, verbose_name="SKU")),
                ("unit_price", models.BigIntegerField()),
                ("quantity", models.IntegerField()),
                ("subtotal", models.BigIntegerField()),
                ("discount", models.BigIntegerField(default=0)),
                (
                    "total",
                    models.BigIntegerField(
                        help_text="Subtotal without discount; a tax that is added stands beside it."
                    ),
                ),
                (
                    "tax_rate",
                    models.DecimalField(decimal_places=4, default=0, help_text="0.19 is 19 %.", max_digits=5),
                ),
                ("tax", models.BigIntegerField(default=0)),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="commerce.order",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="commerce.product",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="commerce.variant"
                    ),
                ),
            ],
            options={
                "ordering": ["order", "position"],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("provider", models.CharField(max_length=50)),
                ("amount", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("reference", models.CharField(blank=True, default="", max_length=255)),
                ("authorized", models.BigIntegerField(default=0, editable=False)),
                ("captured", models.BigIntegerField(default=0, editable=False)),
                ("refunded", models.BigIntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("over_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="commerce.order",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="PaymentStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=saas.commerce.ids.new, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("authorize", "Authorize"),
                            ("capture", "Capture"),
                            ("release", "Release"),
                            ("refund", "Refund"),
                        ],
                        max_length=10,
                    ),
                ),
                ("amount", models.BigIntegerField()),
                ("key", models.CharField(max_length=255)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                ("source", models.CharField(blank=True, default="", max_length=255)),
                ("reference", models.CharField(blank=True, default="", max_length=255)),
                ("reason", models.CharField(blank=True, default="", max_length=255)),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("settled_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="commerce.payment",
                    ),
                ),
            ],
            options={
                "ordering": ["requested_at", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("currency__isnull", True), ("currency__regex", "^[A-Z]{3}$"), _connector="OR"
                ),
                name="commerce_cart_currency_iso",
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(
                        ("closed_at__isnull", False), models.Q(("merged_into", models.F("id")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="commerce_cart_merged_is_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)),
                fields=("customer",),
                name="commerce_cart_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="cartline",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1), ("quantity__lte", 999)),
                name="commerce_cartline_quantity_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="cartline",
            constraint=models.UniqueConstraint(
                fields=("cart", "variant"), name="commerce_cartline_variant_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="couponcustomer",
            constraint=models.UniqueConstraint(
                fields=("coupon", "customer"), name="commerce_couponcustomer_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="couponproduct",
            constraint=models.UniqueConstraint(
                fields=("coupon", "product"), name="commerce_couponproduct_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[A-Za-z0-9]+([_-][A-Za-z0-9]+)*$")),
                name="commerce_coupon_code_format",
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("code"), name="commerce_coupon_code_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="commerce_coupon_currency_iso"
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount__isnull", True),
                        ("percent__gt", 0),
                        ("percent__isnull", False),
                        ("percent__lte", 100),
                    ),
                    models.Q(("amount__gt", 0), ("amount__isnull", False), ("percent__isnull", True)),
                    _connector="OR",
                ),
                name="commerce_coupon_percent_or_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("minimum_order__gte", 0),
                    models.Q(
                        ("maximum_discount__isnull", True), ("maximum_discount__gt", 0), _connector="OR"
                    ),
                ),
                name="commerce_coupon_bounds_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("total_limit__isnull", True), ("total_limit__gt", 0), _connector="OR"),
                    models.Q(("customer_limit__isnull", True), ("customer_limit__gt", 0), _connector="OR"),
                ),
                name="commerce_coupon_limits_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts_at__isnull", True),
                    ("ends_at__isnull", True),
                    ("starts_at__lt", models.F("ends_at")),
                    _connector="OR",
                ),
                name="commerce_coupon_starts_before_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("used__gte", 0),
                    models.Q(
                        ("total_limit__isnull", True), ("used__lte", models.F("total_limit")), _connector="OR"
                    ),
                ),
                name="commerce_coupon_used_within_limit",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["-placed_at", "-id"], name="commerce_order_newest"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["customer", "-placed_at", "-id"], name="commerce_order_of_customer"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["status", "-placed_at", "-id"], name="commerce_order_in_status"),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(fields=("number",), name="commerce_order_number_unique"),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="commerce_order_number_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__regex", "^(pending|confirmed|processing|shipped|delivered|cancelled|returned)$")
                ),
                name="commerce_order_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("payment_status__regex", "^(unpaid|authorized|paid|partially_refunded|refunded|failed)$")
                ),
                name="commerce_order_payment_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="commerce_order_currency_iso"
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("shipping__gte", 0),
                    ("subtotal__gte", 0),
                    ("tax__gte", 0),
                    ("discount__gte", 0),
                    ("discount__lte", models.F("subtotal")),
                ),
                name="commerce_order_amounts_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("tax_included", False),
                        (
                            "total",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("subtotal"), "-", models.F("discount")
                                    ),
                                    "+",
                                    models.F("shipping"),
                                ),
                                "+",
                                models.F("tax"),
                            ),
                        ),
                    ),
                    models.Q(
                        ("tax_included", True),
                        (
                            "total",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("subtotal"), "-", models.F("discount")
                                ),
                                "+",
                                models.F("shipping"),
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="commerce_order_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("shipping_address__has_keys", ["name", "line1", "city", "country"]),
                    ("billing_address__has_keys", ["name", "line1", "city", "country"]),
                    ("shipping_address__country__regex", "^[A-Z]{2}$"),
                    ("billing_address__country__regex", "^[A-Z]{2}$"),
                ),
                name="commerce_order_addresses_complete",
            ),
        ),
        migrations.AddIndex(
            model_name="couponuse",
            index=models.Index(fields=["coupon", "customer"], name="commerce_couponuse_by_customer"),
        ),
        migrations.AddConstraint(
            model_name="couponuse",
            constraint=models.CheckConstraint(
                condition=models.Q(("discount__gte", 0)), name="commerce_couponuse_discount_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderchange",
            constraint=models.UniqueConstraint(
                fields=("order", "number"), name="commerce_orderchange_number_once"
            ),
        ),
        migrations.AddIndex(
            model_name="orderitem",
            index=models.Index(fields=["product", "order"], name="commerce_orderitem_of_product"),
        ),
        migrations.AddConstraint(
            model_name="orderitem",
            constraint=models.UniqueConstraint(
                fields=("order", "position"), name="commerce_orderitem_position_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1)), name="commerce_orderitem_quantity_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("discount__gte", 0),
                    ("tax__gte", 0),
                    ("tax_rate__gte", 0),
                    ("unit_price__gte", 0),
                    ("discount__lte", models.F("subtotal")),
                ),
                name="commerce_orderitem_amounts_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "subtotal",
                        django.db.models.expressions.CombinedExpression(
                            models.F("unit_price"), "*", models.F("quantity")
                        ),
                    ),
                    (
                        "total",
                        django.db.models.expressions.CombinedExpression(
                            models.F("subtotal"), "-", models.F("discount")
                        ),
                    ),
                ),
                name="commerce_orderitem_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="commerce_payment_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="commerce_payment_currency_iso"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("authorized__gte", 0), ("authorized__lte", models.F("amount"))),
                name="commerce_payment_authorized_within_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("captured__gte", 0), ("captured__lte", models.F("authorized"))),
                name="commerce_payment_captured_within_authorized",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("refunded__gte", 0), ("refunded__lte", models.F("captured"))),
                name="commerce_payment_refunded_within_captured",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("over_at__isnull", True)),
                fields=("order",),
                name="commerce_payment_one_open",
            ),
        ),
        migrations.AddIndex(
            model_name="paymentstep",
            index=models.Index(
                condition=models.Q(("state", "requested")),
                fields=["requested_at"],
                name="commerce_paymentstep_unsettled",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentstep",
            constraint=models.UniqueConstraint(fields=("key",), name="commerce_paymentstep_key_unique"),
        ),
        migrations.AddConstraint(
            model_name="paymentstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("key__regex", "\\S")), name="commerce_paymentstep_key_not_blank"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="commerce_paymentstep_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__regex", "^(authorize|capture|release|refund)$")),
                name="commerce_paymentstep_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentstep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("state", "requested")),
                    models.Q(("state__regex", "^(succeeded|failed)$"), ("settled_at__isnull", False)),
                    _connector="OR",
                ),
                name="commerce_paymentstep_settled_has_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentstep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "requested"), models.Q(("kind", "refund"), _negated=True)),
                fields=("payment",),
                name="commerce_paymentstep_one_at_a_time",
            ),
        ),
        _run("guard_order.sql", "DROP FUNCTION commerce_guard_order()"),
        _run("log_order.sql", "DROP FUNCTION commerce_log_order()"),
        _run("keep_order_rows.sql", "DROP FUNCTION commerce_keep_order_rows()"),
        _run("add_up_items.sql", "DROP FUNCTION commerce_add_up_items()"),
        _run("count_coupon_use.sql", "DROP FUNCTION commerce_count_coupon_use()"),
        _run("guard_payment_step.sql", "DROP FUNCTION commerce_guard_payment_step()"),
        _run("apply_payment_step.sql", "DROP FUNCTION commerce_apply_payment_step()"),
        _run("order_guarded.sql", "DROP TRIGGER commerce_order_guarded ON commerce_order"),
        _run("order_logged.sql", "DROP TRIGGER commerce_order_logged ON commerce_order"),
        _run("orderitem_kept.sql", "DROP TRIGGER commerce_orderitem_kept ON commerce_orderitem"),
        _run(
            "orderitem_sums_to_order.sql",
            "DROP TRIGGER commerce_orderitem_sums_to_order ON commerce_orderitem",
        ),
        _run("orderchange_kept.sql", "DROP TRIGGER commerce_orderchange_kept ON commerce_orderchange"),
        _run("couponuse_counted.sql", "DROP TRIGGER commerce_couponuse_counted ON commerce_couponuse"),
        _run("couponuse_kept.sql", "DROP TRIGGER commerce_couponuse_kept ON commerce_couponuse"),
        _run("paymentstep_guarded.sql", "DROP TRIGGER commerce_paymentstep_guarded ON commerce_paymentstep"),
        _run("paymentstep_applied.sql", "DROP TRIGGER commerce_paymentstep_applied ON commerce_paymentstep"),
    ]
