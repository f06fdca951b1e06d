"""Brands: create, change and list them."""

from typing import Any, TypedDict, Unpack

from django.db.models import QuerySet

from saas.commerce import constraints, values
from saas.commerce.models import Brand


class Changes(TypedDict, total=False):
    """What `update` may change."""

    name: str
    slug: str
    description: str
    website: str


CHECKS = {
    "name": values.name,
    "slug": values.slug,
    "description": values.description,
    "website": values.website,
}


def create(*, name: str, slug: str, description: str = "", website: str = "") -> Brand:
    """Create a brand. Raises InvalidValue, DuplicateSlug."""
    brand = Brand(**_checked({"name": name, "slug": slug, "description": description, "website": website}))
    with constraints.translated():
        brand.save(force_insert=True)
    return brand


def update(brand: Brand, **changes: Unpack[Changes]) -> Brand:
    """Change only what is named. Raises InvalidValue, DuplicateSlug, Brand.DoesNotExist; then nothing was changed."""
    checked = _checked({**changes})
    with constraints.translated():
        if checked and not Brand.objects.filter(pk=brand.pk).update(**checked):
            raise Brand.DoesNotExist
    for field, value in checked.items():
        setattr(brand, field, value)
    return brand


def listing() -> QuerySet[Brand]:
    """Return all brands by name."""
    return Brand.objects.order_by("name", "id")


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    unknown = fields.keys() - CHECKS.keys()
    if unknown:
        raise TypeError(f"a brand has no {', '.join(sorted(unknown))} to change")
    return {field: CHECKS[field](value) for field, value in fields.items()}
