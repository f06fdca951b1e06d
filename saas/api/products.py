"""Products of the tenant's shop."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from saas.api import pagination, security
from saas.commerce import products
from saas.commerce.models import Category, Product

router = Router(tags=["products"])


class ProductOut(Schema):
    """Prices are whole minor units of the currency."""

    id: UUID
    name: str
    slug: str
    sku: str
    description: str
    price: int
    compare_at_price: int | None
    currency: str
    category_id: UUID | None
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ProductIn(Schema, extra="forbid"):
    name: str = Field(examples=["Trail lamp"])
    price: int = Field(examples=[3900], description="In minor units of the currency.")
    currency: str = Field(examples=["EUR"])
    slug: str | None = Field(None, examples=["trail-lamp"])
    sku: str | None = Field(None, examples=["LAMP-1"])
    description: str = ""
    compare_at_price: int | None = None
    category_id: UUID | None = None


class ProductPatch(Schema, extra="forbid"):
    """Only what is sent is changed."""

    name: str | None = None
    price: int | None = None
    currency: str | None = None
    slug: str | None = None
    sku: str | None = None
    description: str | None = None
    compare_at_price: int | None = None
    category_id: UUID | None = None


class ProductPage(pagination.Page):
    items: list[ProductOut]


NULLABLE = frozenset({"compare_at_price", "category_id"})


@router.get("", response=ProductPage, operation_id="list_products", summary="List products, newest first")
@security.permission("products.read")
def list_products(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=pagination.LIMIT_MAX)] = pagination.LIMIT_DEFAULT,
    cursor: str | None = None,
) -> dict[str, object]:
    found = products.listing()
    if cursor:
        found = products.older_than(found, *pagination.decode(cursor))
    rows = list(found[: limit + 1])
    more = len(rows) > limit
    return {"items": rows[:limit], "next": pagination.encode(rows[limit - 1]) if more else None}


@router.post("", response={201: ProductOut}, operation_id="create_product", summary="Create a product")
@security.permission("products.write")
def create_product(request: HttpRequest, body: ProductIn) -> Status[Product]:
    values = body.model_dump(exclude={"category_id"})
    return Status(201, products.create(**values, category=_category(body.category_id)))


@router.get("/{uuid:product_id}", response=ProductOut, operation_id="read_product", summary="Read a product")
@security.permission("products.read")
def read_product(request: HttpRequest, product_id: UUID) -> Product:
    return get_object_or_404(products.listing(), id=product_id)


@router.patch(
    "/{uuid:product_id}", response=ProductOut, operation_id="update_product", summary="Change a product"
)
@security.permission("products.write")
def update_product(request: HttpRequest, product_id: UUID, body: ProductPatch) -> Product:
    product = get_object_or_404(products.listing(), id=product_id)
    sent = body.model_dump(exclude_unset=True)
    changes = {name: value for name, value in sent.items() if value is not None or name in NULLABLE}
    if "category_id" in changes:
        changes["category"] = _category(changes.pop("category_id"))
    return products.update(product, **changes)


@router.delete(
    "/{uuid:product_id}", response={204: None}, operation_id="archive_product", summary="Archive a product"
)
@security.permission("products.write")
def archive_product(request: HttpRequest, product_id: UUID) -> Status[None]:
    """Take the product out of every list. Its row stays, since orders will name it."""
    products.archive(get_object_or_404(products.listing(), id=product_id))
    return Status(204, None)


def _category(category_id: UUID | None) -> Category | None:
    return None if category_id is None else get_object_or_404(Category, id=category_id)
