"""The rows of a tenant's own schema, the same on both sides: each text in them holds the canary."""

import uuid
from typing import Any

from saas.commerce.models import Category, Product, Variant
from tests.bench.harness import Tenant

PRODUCTS = 5
# One category, product and variant have the same primary key in every tenant, as rows counted by sequences would.
TWIN = uuid.UUID(int=1)


def ids() -> dict[str, Any]:
    """Return new primary keys for the rows of one tenant."""
    return {
        "category": str(uuid.uuid4()),
        "products": [str(uuid.uuid4()) for _ in range(PRODUCTS)],
        "variants": [str(uuid.uuid4()) for _ in range(PRODUCTS)],
    }


def put(tenant: Tenant) -> None:
    """Make the shop of the tenant, in whose context we are, as it was."""
    Variant.objects.all().delete()
    Product.objects.all().delete()
    Category.objects.all().delete()
    canary = tenant.canary
    category = Category.objects.create(id=tenant.facts["category"], name=f"Category {canary}", slug=canary)
    Product.objects.bulk_create(
        Product(
            id=pk,
            category=category,
            name=f"Product {n} {canary}",
            slug=f"{canary}-{n}",
            sku=f"{canary}-{n}",
            description=f"About {canary}",
            price=100 + n,
            currency="EUR",
        )
        for n, pk in enumerate(tenant.facts["products"])
    )
    _put_twins(canary)
    Variant.objects.bulk_create(
        Variant(id=tenant.facts["variants"][n], product_id=pk, name=f"Variant {canary}", sku=f"{canary}-v{n}")
        for n, pk in enumerate(tenant.facts["products"])
    )


def _put_twins(canary: str) -> None:
    category = Category.objects.create(id=TWIN, name=f"Twin {canary}", slug=f"{canary}-twin")
    product = Product.objects.create(
        id=TWIN,
        category=category,
        name=f"Twin {canary}",
        slug=f"{canary}-twin",
        sku=f"{canary}-twin",
        price=1,
        currency="EUR",
    )
    Variant.objects.create(id=TWIN, product=product, name=f"Twin {canary}", sku=f"{canary}-twin")


def shop() -> list[Any]:
    """Return what the shop shows where we stand, read by the ORM from each table."""
    return [
        *Product.objects.values_list("name", "slug", "sku", "description", "category__name"),
        *Variant.objects.values_list("name", "sku"),
        *Category.objects.values_list("name", "slug"),
    ]


def first() -> list[Any]:
    """Return one row by one query."""
    return list(Product.objects.values_list("name", "description")[:1])
