"""Variants: the options of a product, their values, and the forms in which the product is sold."""

from collections.abc import Collection
from uuid import UUID

from django.db import router, transaction
from django.db.models import Count, Prefetch, Q, QuerySet

from saas.commerce import constraints, exceptions, ids, stock, values
from saas.commerce.models import Choice, Option, OptionValue, Product, StockEntry, Variant

STANDARD = "Standard"
OPENING = "Opening stock"


def standard(product: Product) -> Variant:
    """Create the variant that a product begins with, under the product's own SKU and barcode. Raises DuplicateSku."""
    return create(product, name=STANDARD, sku=product.sku, barcode=product.barcode)


def create(
    product: Product,
    *,
    choices: Collection[OptionValue] = (),
    name: str | None = None,
    sku: str | None = None,
    barcode: str = "",
    price_modifier: int | None = None,
    quantity: int = 0,
    position: int = 0,
) -> Variant:
    """Create a variant with at most one value of each option; its opening stock is the first entry of its log.

    Without a name it is called after its values ("Red / L"), without a modifier theirs are added up, without a SKU
    one is made from the id. Raises InvalidValue, InvalidChoice, DuplicateName, DuplicateSku.
    """
    new = ids.new()
    chosen = sorted(choices, key=lambda value: (value.option.position, value.option_id))
    if price_modifier is None:
        price_modifier = sum(value.price_modifier for value in chosen)
    variant = Variant(
        id=new,
        product=product,
        name=values.name(" / ".join(value.name for value in chosen) if name is None else name),
        sku=values.sku(new.hex[-12:].upper() if sku is None else sku),
        barcode=values.barcode(barcode),
        price_modifier=values.price(price_modifier, field="price_modifier"),
        position=values.position(position),
    )
    opening = values.quantity(quantity)
    with constraints.translated():
        variant.save(force_insert=True)
        Choice.objects.bulk_create(
            Choice(product=product, variant=variant, option_id=value.option_id, value=value)
            for value in chosen
        )
        if opening:
            stock.adjust(variant, to=opening, reason=OPENING)
    return variant


def remove(variant: Variant) -> None:
    """Delete a variant that was never in stock. Raises LastVariant, VariantInUse, Variant.DoesNotExist.

    Locks the product until the transaction ends: two cannot take the last two at once.
    """
    with transaction.atomic(using=router.db_for_write(Variant)):
        Product.objects.select_for_update(no_key=True).get(pk=variant.product_id)
        others = Variant.objects.filter(product=variant.product_id)
        if not others.filter(pk=variant.pk).exists():
            raise Variant.DoesNotExist
        if not others.exclude(pk=variant.pk).exists():
            raise exceptions.LastVariant
        if StockEntry.objects.filter(variant=variant).exists():
            raise exceptions.VariantInUse
        variant.delete()


def of(product: Product) -> QuerySet[Variant]:
    """Return the variants of product in their order, with what each is made of: two queries, however many."""
    found = Variant.objects.filter(product=product).select_related("product")
    return found.prefetch_related(Prefetch("choices", Choice.objects.select_related("value", "option")))


def chosen(product: Product, choices: Collection[OptionValue]) -> Variant | None:
    """Return the variant of product that has exactly these values, None if there is none."""
    wanted = [value.pk for value in choices]
    found = Variant.objects.filter(product=product).annotate(
        right=Count("choices", filter=Q(choices__value__in=wanted)), all=Count("choices")
    )
    return found.filter(right=len(wanted), all=len(wanted)).first()


def add_option(product: Product, name: str, *, position: int = 0) -> Option:
    """Say that product varies in something, such as its size. Raises InvalidName, DuplicateName."""
    option = Option(product=product, name=values.name(name), position=values.position(position))
    with constraints.translated():
        option.save(force_insert=True)
    return option


def add_value(option: Option, name: str, *, price_modifier: int = 0, position: int = 0) -> OptionValue:
    """Add a value to an option and say what it adds to the price. Raises InvalidValue, DuplicateName."""
    value = OptionValue(
        option=option,
        name=values.name(name),
        price_modifier=values.price(price_modifier, field="price_modifier"),
        position=values.position(position),
    )
    with constraints.translated():
        value.save(force_insert=True)
    return value


def priced(variant_ids: Collection[UUID]) -> dict[UUID, Variant]:
    """Return variants by id, each with its product, so that their prices cost no further query."""
    return {
        variant.pk: variant
        for variant in Variant.objects.filter(pk__in=variant_ids).select_related("product")
    }
