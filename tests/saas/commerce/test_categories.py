"""Categories: the tree grows and is rearranged."""

from typing import Any

import pytest

from saas.commerce import categories, exceptions
from saas.commerce.models import Category
from tests.saas.commerce.factories import CategoryFactory


def test_it_creates_a_category_below_another(acme: object) -> None:
    top = categories.create(name="Camping", slug="camping")
    tents = categories.create(name="Tents", slug="tents", parent=top, position=2)
    kept = Category.objects.get(slug="tents")
    assert (kept, kept.parent, kept.position, top.parent) == (tents, top, 2, None)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": " "}, "invalid_name"),
        ({"slug": "Tents"}, "invalid_slug"),
        ({"position": -1}, "invalid_position"),
        ({"position": 2**31}, "invalid_position"),
        ({"position": True}, "invalid_position"),
        ({"slug": "taken"}, "duplicate_slug"),
    ],
)
def test_it_refuses_what_cannot_be_and_the_transaction_goes_on(
    acme: object, wrong: dict[str, Any], code: str
) -> None:
    taken = CategoryFactory(slug="taken")
    with pytest.raises(exceptions.CommerceError) as caught:
        categories.create(**{"name": "Tents", "slug": "tents", **wrong})
    assert caught.value.code == code
    assert list(Category.objects.all()) == [taken]


def test_it_moves_a_branch_and_brings_it_to_the_top(acme: object) -> None:
    top, branch = CategoryFactory(), CategoryFactory()
    leaf = CategoryFactory(parent=branch)
    categories.move(branch, parent=top)
    assert (Category.objects.get(pk=branch.pk).parent, branch.parent) == (top, top)
    categories.move(branch, parent=None)
    assert Category.objects.get(pk=branch.pk).parent is None
    assert Category.objects.get(pk=leaf.pk).parent == branch


def test_it_refuses_to_move_a_branch_below_itself(acme: object) -> None:
    top = CategoryFactory()
    leaf = CategoryFactory(parent=CategoryFactory(parent=top))
    for parent in (top, leaf):
        with pytest.raises(exceptions.CategoryCycle):
            categories.move(top, parent=parent)
    assert top.parent is None
    assert Category.objects.get(pk=top.pk).parent is None


def test_a_category_that_is_gone_cannot_move(acme: object) -> None:
    category = CategoryFactory()
    Category.objects.filter(pk=category.pk).delete()
    with pytest.raises(Category.DoesNotExist):
        categories.move(category, parent=None)
