"""The shop's pages for the people who run it: ordinary Django admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from saas.commerce.models import Category, Product, Variant


class VariantRows(TabularInline):  # type: ignore[misc]
    model = Variant
    fields = ("name", "sku", "price_modifier", "quantity", "position")
    extra = 0


@admin.register(Category)
class CategoryPage(ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "slug", "parent", "position")
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("parent",)


@admin.register(Product)
class ProductPage(ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "sku", "price", "currency", "category", "published_at", "archived_at")
    list_select_related = ("category",)
    list_filter = ("currency",)
    search_fields = ("name", "sku", "slug")
    autocomplete_fields = ("category",)
    date_hierarchy = None
    inlines = (VariantRows,)
