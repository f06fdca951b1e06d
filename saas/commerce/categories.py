"""Categories: grow and rearrange the tree."""

from uuid import UUID

from django.db import connections, router

from saas.commerce import constraints, values
from saas.commerce.models import Category

BRANCH = """
WITH RECURSIVE branch (id) AS (
    SELECT id FROM commerce_category WHERE id = %s
    UNION ALL
    SELECT child.id FROM branch JOIN commerce_category child ON child.parent_id = branch.id
)
SELECT id FROM branch
"""
PATH = """
WITH RECURSIVE above (id, depth) AS (
    SELECT %s::uuid, 0
    UNION ALL
    SELECT category.parent_id, above.depth + 1
    FROM above JOIN commerce_category category ON category.id = above.id
    WHERE category.parent_id IS NOT NULL
)
SELECT category.* FROM above JOIN commerce_category category USING (id) ORDER BY above.depth DESC
"""


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


def branch(category: Category) -> list[UUID]:
    """Return the ids of category and of all below it, in one query."""
    with connections[router.db_for_read(Category)].cursor() as cursor:
        cursor.execute(BRANCH, [category.pk])
        return [row[0] for row in cursor.fetchall()]


def path(category: Category) -> list[Category]:
    """Return what stands above category, the top first, and category itself: one query, however deep."""
    return list(Category.objects.raw(PATH, [category.pk]))
