"""Products: create, change, publish, archive and list them. Nothing here may know whose shop it is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import router, transaction
from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils import timezone
from django.utils.text import slugify

from billing import usage
from saas.commerce import constraints, ids, prices, values, variants
from saas.commerce.models import Brand, Category, Product

CREATED = "products_created"


class Changes(TypedDict, total=False):
    """What `update` may change. Publishing and archiving are verbs of their own."""

    name: str
    slug: str
    sku: str
    description: str
    category: Category | None
    price: int
    compare_at_price: int | None
    currency: str
    brand: Brand | None
    barcode: str
    cost: int | None
    weight: int | None
    length: int | None
    width: int | None
    height: int | None
    seo_title: str
    seo_description: str


class Details(TypedDict, total=False):
    """What a product may have besides."""

    brand: Brand | None
    barcode: str
    cost: int | None
    weight: int | None
    length: int | None
    width: int | None
    height: int | None
    seo_title: str
    seo_description: str


NOTHING: dict[str, Any] = {
    "barcode": "",
    "seo_title": "",
    "seo_description": "",
    **dict.fromkeys(("cost", "weight", "length", "width", "height")),
}
RELATIONS = frozenset({"category", "brand"})


def create(
    *,
    name: str,
    price: int,
    currency: str,
    slug: str | None = None,
    sku: str | None = None,
    description: str = "",
    category: Category | None = None,
    compare_at_price: int | None = None,
    **details: Unpack[Details],
) -> Product:
    """Create a draft with its first variant and record it as usage, all or nothing. Prices are whole minor units.

    Without a slug one is made from the name, without a SKU one from the id. Sizes are grams and millimetres. Raises
    InvalidValue, DuplicateSlug, DuplicateSku; after each of them the caller's transaction goes on.
    """
    _known(details, Details)
    new, besides = ids.new(), {**NOTHING, **details}
    product = Product(
        id=new,
        category=category,
        brand=besides.pop("brand", None),
        **_checked(
            **besides,
            name=name,
            slug=_slug(name, new) if slug is None else slug,
            sku=new.hex[-12:].upper() if sku is None else sku,
            description=description,
            price=price,
            compare_at_price=compare_at_price,
            currency=currency,
        ),
    )
    with constraints.translated():
        product.save(force_insert=True)
        variants.standard(product)
        usage.record(CREATED, 1, id=str(product.id))
    return product


def update(product: Product, **changes: Unpack[Changes]) -> Product:
    """Change only what is named, on the row as it is now, locked until the transaction ends. Returns product.

    Raises InvalidValue, DuplicateSlug, DuplicateSku and then leaves row and object as they were in the database.
    """
    _known(changes, Changes)
    wanted: dict[str, Any] = {**changes}
    with _locked(product):
        checkable = Changes.__annotations__.keys() - RELATIONS
        _checked(**{field: wanted.get(field, getattr(product, field)) for field in checkable})
        if _costs_otherwise(product, wanted):
            prices.remember(product)
        _write(product, wanted)
    return product


def publish(product: Product, *, at: datetime | None = None) -> Product:
    """Show product to shoppers from `at` on, now if not given; published already, it keeps its date if not given."""
    with _locked(product):
        if at is not None or product.published_at is None:
            _write(product, {"published_at": at or timezone.now()})
    return product


def unpublish(product: Product) -> Product:
    """Make product a draft again."""
    with _locked(product):
        _write(product, {"published_at": None})
    return product


def feature(product: Product) -> Product:
    """Show product among the featured ones, as the newest of them."""
    with _locked(product):
        _write(product, {"featured_at": timezone.now()})
    return product


def unfeature(product: Product) -> Product:
    """Show product no more among the featured ones."""
    with _locked(product):
        _write(product, {"featured_at": None})
    return product


def archive(product: Product) -> Product:
    """Take product out of every list; the row, its slug and its SKU stay. Archived already, it keeps its date."""
    with _locked(product):
        if product.archived_at is None:
            _write(product, {"archived_at": timezone.now()})
    return product


def restore(product: Product) -> Product:
    """Bring an archived product back, published or draft as it was."""
    with _locked(product):
        _write(product, {"archived_at": None})
    return product


def listing(*, category: Category | None = None) -> QuerySet[Product]:
    """Return drafts and published products, newest first; those directly in category if given."""
    found = Product.objects.filter(archived_at=None).order_by("-created_at", "-id")
    return found if category is None else found.filter(category=category)


def published(*, at: datetime | None = None) -> QuerySet[Product]:
    """Return what shoppers see at a moment (now if not given), newest first."""
    return listing().filter(published_at__lte=at or timezone.now())


def archived() -> QuerySet[Product]:
    """Return what was archived, newest product first."""
    return Product.objects.exclude(archived_at=None).order_by("-created_at", "-id")


def older_than(products: QuerySet[Product], created_at: datetime, id: UUID) -> QuerySet[Product]:  # noqa: A002
    """Return those after a row in the order newest first: one index range, however deep the page."""
    return products.filter(TupleLessThan(Tuple("created_at", "id"), (created_at, id)))


def _slug(name: str, id: UUID) -> str:  # noqa: A002
    """Make a slug from name; with the end of the id if that is taken or empty."""
    stem = slugify(values.name(name).replace("_", "-"))[: values.SLUG_LENGTH].strip("-")
    if stem and not Product.objects.filter(slug=stem).exists():
        return stem
    tail = id.hex[-8:]
    return f"{stem[: values.SLUG_LENGTH - 1 - len(tail)].strip('-') or 'product'}-{tail}"


def _known(fields: Mapping[str, Any], kind: type[Changes | Details]) -> None:
    unknown = fields.keys() - kind.__annotations__.keys()
    if unknown:
        raise TypeError(f"a product has no {', '.join(sorted(unknown))} to set here")


def _costs_otherwise(product: Product, wanted: dict[str, Any]) -> bool:
    return any(
        wanted.get(field, getattr(product, field)) != getattr(product, field)
        for field in ("price", "currency")
    )


def _checked(**fields: Any) -> dict[str, Any]:
    """Return fields, all of them well formed, the prices also together."""
    return {
        "name": values.name(fields["name"]),
        "slug": values.slug(fields["slug"]),
        "sku": values.sku(fields["sku"]),
        "description": values.description(fields["description"]),
        "price": values.price(fields["price"]),
        "compare_at_price": values.price_before(fields["compare_at_price"], now=fields["price"]),
        "currency": values.currency(fields["currency"]),
        "barcode": values.barcode(fields["barcode"]),
        "cost": values.cost(fields["cost"]),
        "weight": values.size(fields["weight"], field="weight"),
        **values.dimensions(fields["length"], fields["width"], fields["height"]),
        "seo_title": values.text(fields["seo_title"], values.SEO_TITLE_LENGTH, field="seo_title"),
        "seo_description": values.text(
            fields["seo_description"], values.SEO_DESCRIPTION_LENGTH, field="seo_description"
        ),
    }


@contextmanager
def _locked(product: Product) -> Iterator[None]:
    """Read product again and lock its row until the transaction ends; foreign keys to it do not wait.

    Raises Product.DoesNotExist.
    """
    with transaction.atomic(using=router.db_for_write(Product)):
        product.refresh_from_db(from_queryset=Product.objects.select_for_update(no_key=True))
        yield


def _write(product: Product, fields: dict[str, Any]) -> None:
    """Write fields to the row first, and to the object only when the database took them."""
    if not fields:
        return
    fields = {**fields, "updated_at": timezone.now()}
    with constraints.translated():
        Product.objects.filter(pk=product.pk).update(**fields)
    for field, value in fields.items():
        setattr(product, field, value)
