"""Categories: grow and rearrange the tree."""

from saas.commerce import constraints, values
from saas.commerce.models import Category


def create(*, name: str, slug: str, parent: Category | None = None, position: int = 0) -> Category:
    """Create a category below parent, at the top without one. Raises InvalidValue, DuplicateSlug."""
    category = Category(
        parent=parent, name=values.name(name), slug=values.slug(slug), position=values.position(position)
    )
    with constraints.translated():
        category.save(force_insert=True)
    return category


def move(category: Category, *, parent: Category | None) -> Category:
    """Put category and all below it under parent, at the top for None. Raises CategoryCycle, DoesNotExist.

    Locks category, and for reading parent and what is above it, until the transaction ends: moves that would close
    a circle together wait for each other or deadlock, and then one of them fails.
    """
    with constraints.translated():
        if not Category.objects.filter(pk=category.pk).update(parent=parent):
            raise Category.DoesNotExist
    category.parent = parent
    return category
