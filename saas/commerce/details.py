"""What hangs on the catalogue: tag products, and show images of products, categories and brands."""

from collections.abc import Iterable

from django.db import router, transaction
from django.db.models import QuerySet

from saas.commerce import constraints, values
from saas.commerce.models import Brand, Category, Image, Product, ProductTag, Tag


def create_tag(*, name: str, slug: str) -> Tag:
    """Create a tag. Raises InvalidName, InvalidSlug, DuplicateSlug."""
    tag = Tag(name=values.name(name), slug=values.slug(slug))
    with constraints.translated():
        tag.save(force_insert=True)
    return tag


def tag(product: Product, tags: Iterable[Tag]) -> None:
    """Give product exactly these tags. Locks product until the transaction ends. Raises Product.DoesNotExist."""
    wanted = {one.pk: one for one in tags}
    with transaction.atomic(using=router.db_for_write(Product)):
        Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        ProductTag.objects.filter(product=product).exclude(tag__in=wanted).delete()
        there = set(ProductTag.objects.filter(product=product).values_list("tag_id", flat=True))
        ProductTag.objects.bulk_create(
            ProductTag(product=product, tag=one) for key, one in wanted.items() if key not in there
        )


def add_image(of: Product | Category | Brand, *, key: str, alt: str = "", position: int = 0) -> Image:
    """Show a file of the object store with a product, a category or a brand. Raises InvalidValue, Duplicate."""
    image = Image(
        key=values.key(key),
        alt=values.text(alt, values.NAME_LENGTH, field="alt"),
        position=values.position(position),
        **{_relation(of): of},
    )
    with constraints.translated():
        image.save(force_insert=True)
    return image


def images(of: Product | Category | Brand) -> QuerySet[Image]:
    """Return the images of a product, a category or a brand in their order."""
    return Image.objects.filter(**{_relation(of): of}).order_by("position", "id")


def _relation(of: Product | Category | Brand) -> str:
    """Each kind has a foreign key of its own."""
    return {Product: "product", Category: "category", Brand: "brand"}[type(of)]
