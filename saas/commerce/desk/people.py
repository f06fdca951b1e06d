"""Customers on the shop's admin pages: what they are called, where they live, what they wish for and think."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import HttpRequest
from unfold.widgets import UnfoldBooleanWidget

from saas.commerce import customers, reviews
from saas.commerce.desk import amounts
from saas.commerce.models import Address, Phone, WishlistItem
from saas.visitors import desk

ALL = frozenset({"add", "change", "delete"})
ADDRESS = ("name", "company", "line1", "line2", "postal_code", "city", "region", "country")


class PhoneForm(desk.Form):
    primary = forms.BooleanField(required=False, label="Make primary", widget=UnfoldBooleanWidget)


class PhoneSet(desk.Rows):
    def make(self, form: Any) -> Any:
        made = customers.add_phone(self.instance, form.instance.number, label=form.instance.label)
        return customers.make_primary(made) if form.cleaned_data["primary"] else made

    def alter(self, obj: Any, given: dict[str, Any], form: Any) -> None:
        super().alter(obj, given, form)
        if form.cleaned_data["primary"]:
            customers.make_primary(obj)

    def remove(self, obj: Any) -> None:
        customers.remove_phone(obj)


class PhoneRows(desk.Inline):
    model = Phone
    form = PhoneForm
    formset = PhoneSet
    may = ALL
    fields = ("number", "label", "is_primary", "primary")
    readonly_fields = ("is_primary",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if self.has_change_permission(request, obj) else self.fields[:-1]


class AddressForm(desk.Form):
    ship = forms.BooleanField(required=False, label="Ship to it", widget=UnfoldBooleanWidget)
    bill = forms.BooleanField(required=False, label="Bill to it", widget=UnfoldBooleanWidget)


class AddressSet(desk.Rows):
    def make(self, form: Any) -> Any:
        made = customers.add_address(
            self.instance, **{name: getattr(form.instance, name) for name in ADDRESS}
        )
        self._choose(made, form)
        return made

    def alter(self, obj: Any, given: dict[str, Any], form: Any) -> None:
        customers.change_address(obj, **given)
        self._choose(obj, form)

    def remove(self, obj: Any) -> None:
        customers.remove_address(obj)

    def _choose(self, address: Address, form: Any) -> None:
        if form.cleaned_data["ship"]:
            customers.ship_to(address)
        if form.cleaned_data["bill"]:
            customers.bill_to(address)


class AddressRows(desk.Inline):
    model = Address
    form = AddressForm
    formset = AddressSet
    may = ALL
    fields = (*ADDRESS, "is_default_shipping", "is_default_billing", "ship", "bill")
    readonly_fields = ("is_default_shipping", "is_default_billing")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if self.has_change_permission(request, obj) else self.fields[:-2]


class CustomerPage(amounts.AfterwardsPage):
    may = frozenset({"add", "change"})
    list_display = ("called", "visitor", "created_at")
    list_select_related = ("visitor",)
    search_fields = ("visitor__email",)
    search_help_text = "A whole e-mail address or id."
    fields = ("visitor", "name")
    autocomplete_fields = ("visitor",)
    inlines = (PhoneRows, AddressRows)

    @admin.display(description="name", ordering="name")
    def called(self, customer: Any) -> str:
        return customer.name or "(no name)"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("visitor", "created_at") if obj is not None else ()

    def make(self, obj: Any, form: Any) -> Any:
        return customers.open(obj.visitor, name=obj.name)

    def alter(self, obj: Any, given: dict[str, Any], form: Any) -> None:
        if "name" in given:
            customers.update(obj, name=given["name"])

    def find(self, term: str) -> Q:
        return Q(Exact(Lower(F("visitor__email")), Lower(Value(term)))) | super().find(term)


class ItemRows(desk.Inline):
    model = WishlistItem
    fields = ("product", "quantity", "note", "added_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = (
            super().get_queryset(request).select_related("product").defer("product__search")
        )
        return found


class WishlistPage(amounts.Page):
    list_display = ("name", "customer", "created_at")
    list_select_related = ("customer",)
    inlines = (ItemRows,)


class ReviewPage(amounts.Page):
    may = frozenset({"delete"})
    list_display = ("product", "rating", "title", "customer", "helpful_count", "hidden_at", "created_at")
    list_select_related = ("product", "customer")
    list_filter = (("hidden_at", admin.EmptyFieldListFilter), "rating")
    search_fields = ("pk",)
    search_help_text = "A whole id of a review, a product or a customer."
    actions = ("hide", "show")

    def find(self, term: str) -> Q:
        return desk.of_id(term, "pk", "product", "customer")

    @admin.action(description="Hide", permissions=["act"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, reviews.hide, "hidden")

    @admin.action(description="Show again", permissions=["act"])
    def show(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, reviews.show, "shown")
