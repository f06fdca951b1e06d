"""Amounts on the shop's admin pages: shown and typed in units of the currency, stored in whole minor ones."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from saas.commerce import constraints, exceptions, money
from saas.visitors import desk

DIGITS = 15


def amount(name: str, *, label: str = "", currency: str = "currency") -> Callable[[Any], str]:
    """Return a column that shows an amount; `currency` leads from the row to it."""

    def column(row: Any) -> str:
        value = getattr(row, name)
        return "-" if value is None else money.text(value, currency_of(row, currency))

    column.__name__ = f"{name}_shown"
    column.short_description = label or name.replace("_", " ")  # type: ignore[attr-defined]
    column.admin_order_field = name  # type: ignore[attr-defined]
    return column


def currency_of(row: Any, path: str) -> str:
    for step in path.split("__"):
        row = getattr(row, step)
    return str(row)


class PricedForm(desk.Form):
    """A form whose `money` is typed in units of the row's currency, or of one that is told it."""

    money: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, currency: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.told = currency
        for name in self._typed():
            value = getattr(self.instance, name)
            if value is not None:
                self.initial[name] = money.units(value, self.currency())

    def currency(self) -> str:
        typed = getattr(self, "cleaned_data", {}).get("currency")
        return self.told or typed or getattr(self.instance, "currency", "") or ""

    def _typed(self) -> list[str]:
        return [name for name in self.money if name in self.fields]

    def _post_clean(self) -> None:
        """Give the row minor units, and keep what was typed for whoever reads the form."""
        typed = {name: self.cleaned_data[name] for name in self._typed() if name in self.cleaned_data}
        for name, value in typed.items():
            try:
                self.cleaned_data[name] = None if value is None else money.minor(value, self.currency())
            except ValueError as error:
                self.add_error(name, str(error))
        super()._post_clean()
        self.cleaned_data.update({name: value for name, value in typed.items() if name in self.cleaned_data})


def field(db_field: Any) -> forms.Field:
    """Return what an amount is typed into."""
    return forms.DecimalField(
        label=db_field.verbose_name.capitalize(),
        required=not db_field.blank and not db_field.has_default(),
        max_digits=DIGITS,
        min_value=Decimal(0),
        help_text="In units of the currency, such as 39.00.",
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "any"}),
    )


class Page(desk.Page):
    """Pages of the shop, whose refusals are the shop's errors."""

    refusals: ClassVar[tuple[type[Exception], ...]] = (exceptions.CommerceError,)
    translated = constraints.translated
    form: Any = PricedForm
    money: ClassVar[dict[Any, Any]] = {}  # what is shown of each amount that is only read

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        form = super().get_form(request, obj, change, **kwargs)
        form.money = tuple(self.money)
        return form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.money:
            return field(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show amounts that cannot be typed here as the columns of the list do."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sets
        return [
            (title, {**options, "fields": [self.money.get(name, name) for name in options["fields"]]})
            for title, options in sets
        ]


class AfterwardsPage(desk.AfterwardsPage, Page):
    """The same, whose rows below come once the row itself is stored."""


class PricedRows(desk.Rows):
    """Rows below one that has the currency."""

    def get_form_kwargs(self, index: Any) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "currency": self.instance.currency}


class PricedInline(desk.Inline):
    """Rows with amounts below one that has the currency."""

    form = PricedForm
    formset = PricedRows
    money: ClassVar[dict[str, Any]] = {}

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.money = tuple(self.money)
        return formset

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.money:
            return field(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        if self.has_change_permission(request, obj):
            return fields
        return [self.money.get(name, name) for name in fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = super().get_readonly_fields(request, obj)
        return fixed if self.has_change_permission(request, obj) else (*fixed, *self.money.values())
