"""The catalogue on the shop's admin pages: categories, brands, tags, products and their variants."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from saas.commerce import brands, categories, details, products, stock, variants
from saas.commerce.desk import amounts
from saas.commerce.models import Image, OptionValue, ProductTag, Variant
from saas.visitors import desk

ALL = frozenset({"add", "change", "delete"})


class CategoryPage(amounts.Page):
    may = ALL
    list_display = ("name", "slug", "parent", "position")
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("parent",)

    def make(self, obj: Any, form: Any) -> Any:
        return categories.create(name=obj.name, slug=obj.slug, parent=obj.parent, position=obj.position)

    def alter(self, obj: Any, given: dict[str, Any], form: Any) -> None:
        if "parent" in given:
            categories.move(obj, parent=given.pop("parent"))
            for name, value in given.items():  # moving reads the row again
                setattr(obj, name, value)
        super().alter(obj, given, form)

    def find(self, term: str) -> Q:
        return Q(name__icontains=term) | Q(slug=term)


class BrandPage(amounts.Page):
    may = ALL
    list_display = ("name", "slug", "website")
    search_fields = ("name", "slug")

    def make(self, obj: Any, form: Any) -> Any:
        return brands.create(name=obj.name, slug=obj.slug, description=obj.description, website=obj.website)

    def alter(self, obj: Any, given: dict[str, Any], form: Any) -> None:
        brands.update(obj, **given)

    def find(self, term: str) -> Q:
        return Q(name__icontains=term) | Q(slug=term)


class TagPage(amounts.Page):
    may = ALL
    list_display = ("name", "slug")
    search_fields = ("name", "slug")

    def make(self, obj: Any, form: Any) -> Any:
        return details.create_tag(name=obj.name, slug=obj.slug)

    def find(self, term: str) -> Q:
        return Q(name__icontains=term) | Q(slug=term)


class VariantSet(amounts.PricedRows):
    def make(self, form: Any) -> Any:
        made, fields = form.instance, ("name", "sku", "barcode", "price_modifier", "position")
        return variants.create(self.instance, **{name: getattr(made, name) for name in fields})

    def remove(self, obj: Any) -> None:
        variants.remove(obj)


class VariantRows(amounts.PricedInline):
    model = Variant
    formset = VariantSet
    may = ALL
    fields = ("name", "sku", "barcode", "price_modifier", "position", "quantity")
    readonly_fields = ("quantity",)
    money: ClassVar[dict[str, Any]] = {
        "price_modifier": amounts.amount(
            "price_modifier", label="added to the price", currency="product__currency"
        )
    }
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = (
            super().get_queryset(request).select_related("product").defer("product__search")
        )
        return found


class ImageSet(desk.Rows):
    def make(self, form: Any) -> Any:
        made = form.instance
        return details.add_image(self.instance, key=made.key, alt=made.alt, position=made.position)


class ImageRows(desk.Inline):
    model = Image
    formset = ImageSet
    may = ALL
    fields = ("key", "alt", "position")


class TagRows(desk.Inline):
    model = ProductTag
    may = frozenset({"add", "delete"})
    autocomplete_fields = ("tag",)
    verbose_name_plural = "tags"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request).select_related("tag")
        return found


class ProductForm(amounts.PricedForm):
    """Without a slug one is made from the name, without a SKU one from the id."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("slug", "sku"):
            if name in self.fields and self.instance._state.adding:
                self.fields[name].required = False
                self.fields[name].help_text = "Made by itself when left empty."


class ProductPage(amounts.AfterwardsPage):
    may = ALL
    form = ProductForm
    money: ClassVar[dict[str, Any]] = {
        "price": amounts.amount("price"),
        "compare_at_price": amounts.amount("compare_at_price"),
        "cost": amounts.amount("cost"),
    }
    list_display = (
        "name",
        "sku",
        money["price"],
        "category",
        "brand",
        "rating",
        "published_at",
        "archived_at",
    )
    list_select_related = ("category", "brand")
    list_filter = ("currency",)
    search_fields = ("name", "sku", "barcode")
    search_help_text = "Words of the name, SKU, barcode or description."
    autocomplete_fields = ("category", "brand")
    readonly_fields = ("published_at", "featured_at", "archived_at", "rating", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("name", "slug", "sku", "barcode", "category", "brand", "description")}),
        ("Price", {"fields": ("price", "compare_at_price", "cost", "currency")}),
        ("Size", {"fields": ("weight", "length", "width", "height")}),
        ("Search engines", {"fields": ("seo_title", "seo_description")}),
        ("State", {"fields": readonly_fields}),
    )
    inlines = (VariantRows, ImageRows, TagRows)
    actions = ("publish", "unpublish", "feature", "unfeature", "archive", "restore")

    def make(self, obj: Any, form: Any) -> Any:
        names = [name for name in form.fields if name not in ("slug", "sku")]
        given = {name: getattr(obj, name) for name in names}
        return products.create(**given, slug=obj.slug or None, sku=obj.sku or None)

    def alter(self, obj: Any, given: dict[str, Any], form: Any) -> None:
        if "currency" in given:  # the same number of another currency has other minor units
            given = {**given, **{name: getattr(obj, name) for name in self.money}}
        products.update(obj, **given)

    def find(self, term: str) -> Q:
        words = SearchQuery(term, config="simple", search_type="websearch")
        return Q(search=words) | Q(Exact(Lower(F("sku")), Lower(Value(term))))

    @admin.action(description="Publish", permissions=["act"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, products.publish, "published")

    @admin.action(description="Make a draft", permissions=["act"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, products.unpublish, "unpublished")

    @admin.action(description="Feature", permissions=["act"])
    def feature(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, products.feature, "featured")

    @admin.action(description="Feature no more", permissions=["act"])
    def unfeature(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, products.unfeature, "unfeatured")

    @admin.action(description="Archive", permissions=["act"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, products.archive, "archived")

    @admin.action(description="Restore from the archive", permissions=["act"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.each(request, queryset, products.restore, "restored")


class VariantForm(amounts.PricedForm):
    """A variant, and what was counted of it: the stock changes by entries of its log alone."""

    counted = forms.IntegerField(
        required=False,
        min_value=0,
        label="Counted in stock",
        help_text="Corrects the quantity; needs a reason.",
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reason = forms.CharField(required=False, max_length=500, widget=UnfoldAdminTextInputWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        product = kwargs["instance"].product if kwargs.get("instance") else None
        super().__init__(*args, currency=product.currency if product else "", **kwargs)


class VariantPage(amounts.Page):
    may = frozenset({"change", "delete"})
    form = VariantForm
    money: ClassVar[dict[str, Any]] = {
        "price_modifier": amounts.amount(
            "price_modifier", label="added to the price", currency="product__currency"
        )
    }
    list_display = (
        "name",
        "sku",
        "product",
        amounts.amount("price", currency="product__currency"),
        "quantity",
        "low_since",
    )
    list_select_related = ("product",)
    list_filter = (("low_since", admin.EmptyFieldListFilter),)
    search_fields = ("sku", "barcode")
    search_help_text = "A whole SKU or barcode."
    readonly_fields = ("product", "quantity", "low_since")
    fields = (
        *("product", "name", "sku", "barcode", "price_modifier", "position", "quantity", "low_since"),
        *("stock_minimum", "stock_maximum", "counted", "reason"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("product").defer("product__search")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            shown = [name for name in self.fields if name not in ("counted", "reason")]
            return [(None, {"fields": [self.money.get(name, name) for name in shown]})]
        return super().get_fieldsets(request, obj)

    def alter(self, obj: Any, given: dict[str, Any], form: Any) -> None:
        super().alter(obj, given, form)
        if form.cleaned_data["counted"] is not None:
            stock.adjust(obj, to=form.cleaned_data["counted"], reason=form.cleaned_data["reason"])

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        variants.remove(obj)

    def find(self, term: str) -> Q:
        return Q(Exact(Lower(F("sku")), Lower(Value(term)))) | Q(barcode=term)


class ValueRows(amounts.PricedInline):
    model = OptionValue
    may = ALL
    fields = ("name", "price_modifier", "position")
    money: ClassVar[dict[str, Any]] = {
        "price_modifier": amounts.amount("price_modifier", currency="option__product__currency")
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request).select_related("option__product")
        return found.defer("option__product__search")


class ValueSet(amounts.PricedRows):
    """Values of an option, whose product has the currency."""

    def get_form_kwargs(self, index: Any) -> dict[str, Any]:
        kwargs = super(amounts.PricedRows, self).get_form_kwargs(index)
        return {**kwargs, "currency": self.instance.product.currency}

    def make(self, form: Any) -> Any:
        made = form.instance
        return variants.add_value(
            self.instance, made.name, price_modifier=made.price_modifier, position=made.position
        )


ValueRows.formset = ValueSet


class OptionPage(amounts.AfterwardsPage):
    may = ALL
    list_display = ("name", "product", "position")
    list_select_related = ("product",)
    search_fields = ("pk",)
    search_help_text = "Words of the product's name, its SKU or barcode."
    autocomplete_fields = ("product",)
    inlines = (ValueRows,)

    def make(self, obj: Any, form: Any) -> Any:
        return variants.add_option(obj.product, obj.name, position=obj.position)

    def find(self, term: str) -> Q:
        return Q(product__search=SearchQuery(term, config="simple", search_type="websearch"))


class ImagePage(amounts.Page):
    may = frozenset({"change", "delete"})
    list_display = ("key", "alt", "product", "category", "brand", "position")
    list_select_related = ("product", "category", "brand")
    readonly_fields = ("product", "category", "brand", "created_at")


class PastPricePage(amounts.Page):
    list_display = ("product", amounts.amount("price"), "valid_from", "valid_until")
    fields: ClassVar[Any] = list_display
    list_select_related = ("product",)


class StockEntryPage(amounts.Page):
    list_display = ("at", "variant", "kind", "change", "previous_quantity", "quantity", "reason", "by")
    list_select_related = ("variant",)
    list_filter = ("kind",)
    search_fields = ("pk",)
    search_help_text = "The whole SKU of a variant."

    def find(self, term: str) -> Q:
        return Q(variant__in=Variant.objects.filter(Exact(Lower("sku"), Lower(Value(term)))))


class ViewDayPage(amounts.Page):
    list_display = ("day", "product", "count")
    list_select_related = ("product",)
