"""Carts, orders and coupons on the shop's admin pages: read, and moved on by the shop's verbs alone."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from saas.commerce import coupons, money, orders, states, values
from saas.commerce.desk import amounts
from saas.commerce.models import (
    CartLine,
    CouponCustomer,
    CouponProduct,
    OrderChange,
    OrderItem,
    Payment,
    Status,
)
from saas.visitors import desk

VERBS: dict[str, Callable[..., Any]] = {
    Status.CONFIRMED: orders.confirm,
    Status.PROCESSING: orders.process,
    Status.SHIPPED: orders.ship,
    Status.DELIVERED: orders.deliver,
    Status.CANCELLED: orders.cancel,
    Status.RETURNED: orders.take_back,
}


ASKED = ("step", "number_of_parcel")


class LineRows(desk.Inline):
    model = CartLine
    fields = ("product", "variant", "quantity", "price", "added_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request).select_related("variant__product")
        return found.defer("variant__product__search")

    def product(self, line: Any) -> str:
        return str(line.variant.product)

    @admin.display(description="price of one now")
    def price(self, line: Any) -> str:
        return money.text(line.variant.price, line.variant.product.currency)


class CartPage(amounts.Page):
    list_display = ("created_at", "customer", "currency", "closed_at")
    list_select_related = ("customer",)
    list_filter = (("closed_at", admin.EmptyFieldListFilter),)
    search_fields = ("pk",)
    search_help_text = "A whole id of a cart or of a customer."
    fields = ("customer", "currency", "created_at", "closed_at", "merged_into")
    inlines = (LineRows,)

    def find(self, term: str) -> Q:
        return desk.of_id(term, "pk", "customer")


class ItemRows(desk.Inline):
    model = OrderItem
    currency = "order__currency"
    fields = (
        *("position", "name", "variant_name", "sku", "quantity"),
        *(
            amounts.amount(name, currency="order__currency")
            for name in ("unit_price", "discount", "total", "tax")
        ),
        "tax_rate",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request).select_related("order")
        return found


class PaymentRows(desk.Inline):
    model = Payment
    fields = (
        *("provider", "reference"),
        *(amounts.amount(name) for name in ("amount", "authorized", "captured", "refunded")),
        *("created_at", "over_at"),
    )


class HistoryRows(desk.Inline):
    model = OrderChange
    fields = ("number", "at", "by", "field", "before", "after")
    verbose_name_plural = "history"


class OrderForm(desk.Form):
    """Nothing of an order changes but how far it is, by the verb of the next step."""

    step = forms.ChoiceField(
        label="Next step", required=False, choices=[("", "Leave it as it is")], widget=UnfoldAdminSelectWidget
    )
    number_of_parcel = forms.CharField(
        label="Tracking number of the parcel",
        required=False,
        max_length=values.TRACKING_LENGTH,
        help_text="Of what is shipped now.",
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "step" in self.fields:
            follow = [status for status in Status if status in states.NEXT.get(self.instance.status, ())]
            self.fields["step"].choices += [(one.value, one.label) for one in follow]  # type: ignore[attr-defined]

    def clean(self) -> Any:
        if self.cleaned_data.get("number_of_parcel") and self.cleaned_data.get("step") != Status.SHIPPED:
            self.add_error("number_of_parcel", "A tracking number is of an order that is shipped now.")
        return self.cleaned_data


class OrderPage(amounts.Page):
    may = frozenset({"change"})
    form = OrderForm
    list_display = (
        *("number", "customer", "status", "payment_status", amounts.amount("total")),
        *("placed_at", "tracking_number"),
    )
    list_select_related = ("customer",)
    list_filter = ("status", "payment_status")
    search_fields = ("number",)
    search_help_text = "A number, or a whole id of an order or of a customer."
    sums: tuple[Any, ...] = tuple(
        amounts.amount(name) for name in ("subtotal", "discount", "shipping", "tax", "total")
    )
    readonly_fields: ClassVar[Any] = (
        *("number", "customer", "email", "status", "payment_status", "tracking_number", "placed_at"),
        *("tax_included", "ship_to", "bill_to", *sums),
    )
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("number", "customer", "email", "placed_at")}),
        ("State", {"fields": ("status", "payment_status", "tracking_number", "step", "number_of_parcel")}),
        ("Amounts", {"fields": (*sums, "tax_included")}),
        ("Addresses", {"fields": ("ship_to", "bill_to")}),
    )
    inlines = (ItemRows, PaymentRows, HistoryRows)
    actions = ("confirm", "process", "ship", "deliver", "cancel", "take_back")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for what can follow now."""
        asked = self._asked(obj) if self.has_change_permission(request, obj) else ()
        return [
            (title, {"fields": [name for name in options["fields"] if name in asked or name not in ASKED]})
            for title, options in self.fieldsets
        ]

    def _asked(self, order: Any) -> tuple[str, ...]:
        follow = states.NEXT.get(order.status, frozenset())
        return ASKED if Status.SHIPPED in follow else ASKED[:1] if follow else ()

    @admin.display(description="shipping address")
    def ship_to(self, order: Any) -> str:
        return _lines(order.shipping_address)

    @admin.display(description="billing address")
    def bill_to(self, order: Any) -> str:
        return _lines(order.billing_address)

    def find(self, term: str) -> Q:
        number = term.removeprefix("#")
        if number.isascii() and number.isdigit() and len(number) <= 18:
            return Q(number=int(number))
        return desk.of_id(term, "pk", "customer")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        step, parcel = form.cleaned_data.get("step"), form.cleaned_data.get("number_of_parcel", "")
        if step:
            more = {"tracking_number": parcel} if step == Status.SHIPPED else {}
            VERBS[step](obj, by=desk.name_of(request), **more)

    def _each(self, request: HttpRequest, queryset: QuerySet[Any], status: str) -> None:
        by = desk.name_of(request)
        self.each(request, queryset.order_by("pk"), lambda order: VERBS[status](order, by=by), status)

    @admin.action(description="Confirm", permissions=["act"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, Status.CONFIRMED)

    @admin.action(description="Begin to pack", permissions=["act"])
    def process(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, Status.PROCESSING)

    @admin.action(description="Ship, without a tracking number", permissions=["act"])
    def ship(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, Status.SHIPPED)

    @admin.action(description="Delivered", permissions=["act"])
    def deliver(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, Status.DELIVERED)

    @admin.action(description="Cancel", permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, Status.CANCELLED)

    @admin.action(description="Take back, goods into stock", permissions=["act"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, Status.RETURNED)


class ForProducts(desk.Inline):
    model = CouponProduct
    may = frozenset({"add", "delete"})
    autocomplete_fields = ("product",)
    verbose_name_plural = "only for these products"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = (
            super().get_queryset(request).select_related("product").defer("product__search")
        )
        return found


class ForCustomers(desk.Inline):
    model = CouponCustomer
    may = frozenset({"add", "delete"})
    autocomplete_fields = ("customer",)
    verbose_name_plural = "only for these customers"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request).select_related("customer")
        return found


class CouponPage(amounts.AfterwardsPage):
    may = frozenset({"add", "change"})
    money: ClassVar[dict[str, Any]] = {
        name: amounts.amount(name) for name in ("amount", "minimum_order", "maximum_discount")
    }
    list_display = (
        *("code", "percent", money["amount"], "currency", "used", "total_limit", "customer_limit"),
        *("starts_at", "ends_at"),
    )
    search_fields = ("code",)
    search_help_text = "A whole code."
    fields = (
        *("code", "currency", "percent", "amount", "minimum_order", "maximum_discount"),
        *("total_limit", "customer_limit", "starts_at", "ends_at"),
    )
    inlines = (ForProducts, ForCustomers)
    actions = ("end",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What was promised stays; when it ends may change."""
        if obj is None:
            return ()
        return ("used", *(self.money.get(name, name) for name in self.fields if name != "ends_at"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.fields
        return (*self.get_readonly_fields(request, obj), "ends_at")

    def make(self, obj: Any, form: Any) -> Any:
        given = {name: getattr(obj, name) for name in self.fields if name != "code"}
        return coupons.create(obj.code, **given)

    def alter(self, obj: Any, given: dict[str, Any], form: Any) -> None:
        if given.get("ends_at"):
            coupons.end(obj, at=given["ends_at"])
        else:
            super().alter(obj, given, form)

    def find(self, term: str) -> Q:
        return Q(Exact(Lower(F("code")), Lower(Value(term))))

    @admin.action(description="End now", permissions=["act"])
    def end(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, coupons.end, "ended")


class CouponUsePage(amounts.Page):
    list_display = (
        *("used_at", "coupon", "customer", "order"),
        *(amounts.amount("discount", currency="order__currency"), "returned_at"),
    )
    list_select_related = ("coupon", "customer", "order")
    fields: ClassVar[Any] = list_display
    search_fields = ("pk",)
    search_help_text = "The whole code of a coupon."

    def find(self, term: str) -> Q:
        return Q(Exact(Lower(F("coupon__code")), Lower(Value(term))))


def _lines(address: dict[str, Any]) -> str:
    order = ("name", "company", "line1", "line2", "postal_code", "city", "region", "country")
    return ", ".join(str(address[name]) for name in order if address.get(name))
