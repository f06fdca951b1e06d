"""What the database itself refuses, whoever writes."""

import random
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connections, models, router, transaction
from django.utils import timezone
from psycopg import sql

from saas.api import errors
from saas.commerce import constraints, exceptions, ids
from saas.commerce.models import Category, Product, Variant
from saas.visitors.models import Visitor
from tests.saas.commerce.conftest import Session
from tests.saas.commerce.factories import CategoryFactory, ProductFactory, VariantFactory

Login = Callable[[], Session]
SQL = Path(constraints.__file__).parent / "sql"


def refused(write: Callable[[], object]) -> str:
    """Return the name of the constraint that refuses write; the transaction goes on."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic(using=router.db_for_write(Product)):
        write()
    return constraints.name_of(caught.value)


@pytest.mark.parametrize(
    ("make", "values", "constraint"),
    [
        (CategoryFactory, {"name": ""}, "commerce_category_name_not_blank"),
        (CategoryFactory, {"name": " \t\n"}, "commerce_category_name_not_blank"),
        (CategoryFactory, {"slug": ""}, "commerce_category_slug_format"),
        (CategoryFactory, {"slug": "Tents"}, "commerce_category_slug_format"),
        (CategoryFactory, {"slug": "tents-"}, "commerce_category_slug_format"),
        (CategoryFactory, {"slug": "tents--light"}, "commerce_category_slug_format"),
        (CategoryFactory, {"slug": "tents\n"}, "commerce_category_slug_format"),
        (CategoryFactory, {"position": -1}, "commerce_category_position_not_negative"),
        (ProductFactory, {"name": " "}, "commerce_product_name_not_blank"),
        (ProductFactory, {"slug": "zelt-für-zwei"}, "commerce_product_slug_format"),
        (ProductFactory, {"sku": ""}, "commerce_product_sku_not_blank"),
        (ProductFactory, {"sku": "  "}, "commerce_product_sku_not_blank"),
        (ProductFactory, {"sku": " A1"}, "commerce_product_sku_not_blank"),
        (ProductFactory, {"price": -1}, "commerce_product_price_not_negative"),
        (ProductFactory, {"price": 500, "compare_at_price": 500}, "commerce_product_compare_at_above_price"),
        (ProductFactory, {"price": 500, "compare_at_price": 499}, "commerce_product_compare_at_above_price"),
        (ProductFactory, {"currency": "eur"}, "commerce_product_currency_iso"),
        (ProductFactory, {"currency": "EU"}, "commerce_product_currency_iso"),
        (ProductFactory, {"currency": ""}, "commerce_product_currency_iso"),
        (ProductFactory, {"barcode": "123"}, "commerce_product_barcode_format"),
        (ProductFactory, {"barcode": "12345678901"}, "commerce_product_barcode_format"),
        (ProductFactory, {"cost": -1}, "commerce_product_cost_not_negative"),
        (ProductFactory, {"weight": 0}, "commerce_product_weight_positive"),
        (ProductFactory, {"length": 1, "width": 1}, "commerce_product_dimensions_all_or_none"),
        (ProductFactory, {"length": 1, "width": 1, "height": 0}, "commerce_product_dimensions_all_or_none"),
        (VariantFactory, {"name": ""}, "commerce_variant_name_not_blank"),
        (VariantFactory, {"sku": ""}, "commerce_variant_sku_not_blank"),
        (VariantFactory, {"price_modifier": -1}, "commerce_variant_price_modifier_not_negative"),
        (VariantFactory, {"quantity": -1}, "commerce_variant_quantity_not_negative"),
        (VariantFactory, {"position": -1}, "commerce_variant_position_not_negative"),
    ],
)
def test_it_refuses_a_value_that_makes_no_sense(
    acme: object, make: Callable[..., object], values: dict[str, Any], constraint: str
) -> None:
    make()
    assert refused(lambda: make(**values)) == constraint


@pytest.mark.parametrize(
    ("make", "values", "constraint"),
    [
        (CategoryFactory, {"slug": "tents"}, "commerce_category_slug_unique"),
        (ProductFactory, {"slug": "dome-tent"}, "commerce_product_slug_unique"),
        (ProductFactory, {"sku": "Tent-1"}, "commerce_product_sku_unique"),
        (VariantFactory, {"sku": "Tent-1-Red"}, "commerce_variant_sku_unique"),
    ],
)
def test_it_refuses_the_same_twice(
    acme: object, make: Callable[..., object], values: dict[str, str], constraint: str
) -> None:
    make(**values)
    assert refused(lambda: make(**values)) == constraint


@pytest.mark.parametrize("make", [ProductFactory, VariantFactory])
def test_it_refuses_a_sku_that_differs_only_in_case(acme: object, make: Callable[..., models.Model]) -> None:
    table = make(sku="Tent-1")._meta.db_table
    assert refused(lambda: make(sku="tENT-1")) == f"{table}_sku_unique"


def test_two_products_may_have_variants_of_one_name_but_not_one_product(acme: object) -> None:
    red = VariantFactory(name="Red")
    VariantFactory(name="Red")
    assert refused(lambda: VariantFactory(name="Red", product=red.product)) == (
        "commerce_variant_product_name_unique"
    )


def test_stock_never_becomes_negative_by_counting_down_in_the_database(acme: object) -> None:
    variant = VariantFactory(quantity=1)
    rows = Variant.objects.filter(pk=variant.pk)
    rows.update(quantity=models.F("quantity") - 1)
    assert refused(lambda: rows.update(quantity=models.F("quantity") - 1)) == (
        "commerce_variant_quantity_not_negative"
    )
    assert rows.get().quantity == 0


def test_a_category_that_is_in_use_cannot_be_deleted(acme: object) -> None:
    parent = CategoryFactory()
    CategoryFactory(parent=parent)
    shelf = CategoryFactory()
    ProductFactory(category=shelf)
    for category in (parent, shelf):
        with pytest.raises(models.ProtectedError):
            category.delete()


def test_deleting_a_product_takes_its_variants_along(acme: object) -> None:
    variant = VariantFactory()
    VariantFactory()
    variant.product.delete()
    assert list(Variant.objects.filter(pk=variant.pk)) == []
    assert Variant.objects.count() == 1


def test_a_variant_costs_the_price_of_its_product_and_its_modifier(acme: object) -> None:
    # 19.99 + 5.00 = 24.99
    assert VariantFactory(product=ProductFactory(price=1999), price_modifier=500).price == 2499


def test_a_product_is_published_between_its_dates(acme: object) -> None:
    now, day = timezone.now(), timedelta(days=1)
    assert not Product().is_published()
    assert Product(published_at=now - day).is_published()
    assert not Product(published_at=now + day).is_published()
    assert not Product(published_at=now - day, archived_at=now).is_published()


def shop_models() -> list[type[models.Model]]:
    return list(apps.get_app_config("commerce").get_models())


def test_every_constraint_is_named_after_its_table_and_has_a_meaning() -> None:
    named = {
        constraint.name: model._meta.db_table
        for model in shop_models()
        for constraint in model._meta.constraints
    }
    assert all(name.startswith(f"{table}_") for name, table in named.items())
    scripts = "\n".join(path.read_text() for path in SQL.glob("*.sql"))
    in_scripts = {name for name in constraints.ERRORS if name in scripts}
    assert constraints.ERRORS.keys() == named.keys() | in_scripts


def test_every_error_of_the_shop_has_a_code_of_its_own_and_an_answer() -> None:
    every: set[type[exceptions.CommerceError]] = {
        exceptions.CommerceError,
        *every_error(exceptions.CommerceError),
    }
    codes = [error.code for error in every if error.__module__ == exceptions.__name__]
    assert sorted(codes) == sorted(set(codes))
    assert set(codes) <= errors.STATUS.keys()


def every_error(error: type[exceptions.CommerceError]) -> set[type[exceptions.CommerceError]]:
    below = error.__subclasses__()
    return {*below, *(one for child in below for one in every_error(child))}


def test_every_key_is_made_in_python_and_every_foreign_key_stays_in_the_shop() -> None:
    for model in shop_models():
        key = model._meta.pk
        assert key.default is ids.new or key.related_model is Visitor
        for field in model._meta.get_fields():
            assert field.related_model in (None, Visitor, *shop_models())
    assert ids.new().version == 7


def test_no_function_names_a_schema() -> None:
    scripts = [path.read_text() for path in SQL.glob("*.sql")]
    code = "\n".join(line for text in scripts for line in text.splitlines() if not line.startswith("--"))
    assert "CREATE FUNCTION" in code
    assert {before for before, _ in re.findall(r"(\w+)\.(\w+)", code)} == {
        "NEW",
        "OLD",
        "above",
        "change",
    }  # records


# The tree


def test_a_category_is_not_its_own_parent(acme: object) -> None:
    category = CategoryFactory()
    rows = Category.objects.filter(pk=category.pk)
    assert refused(lambda: rows.update(parent=category)) == "commerce_category_not_own_parent"


@pytest.mark.parametrize("depth", [1, 2, 6])
def test_a_category_cannot_move_below_its_descendant(acme: object, depth: int) -> None:
    chain = [CategoryFactory()]
    for _ in range(depth):
        chain.append(CategoryFactory(parent=chain[-1]))
    chain[0].parent = chain[-1]
    assert refused(chain[0].save) == "commerce_category_acyclic"
    assert Category.objects.get(pk=chain[0].pk).parent is None


def test_new_categories_cannot_be_below_each_other(acme: object) -> None:
    first, second = CategoryFactory.build_batch(2)
    first.parent, second.parent = second, first
    assert refused(lambda: Category.objects.bulk_create([first, second])) == "commerce_category_acyclic"


def test_a_circle_beside_the_new_category_is_refused_and_not_walked_for_ever(acme: object) -> None:
    leaf, first, second = CategoryFactory.build_batch(3)
    leaf.parent, first.parent, second.parent = first, second, first
    assert refused(lambda: Category.objects.bulk_create([leaf, first, second])) == "commerce_category_acyclic"


def test_a_category_cannot_take_the_id_of_its_own_ancestor(acme: object) -> None:
    top = CategoryFactory()
    middle = CategoryFactory(parent=top)
    leaf = CategoryFactory(parent=middle)

    def usurp() -> None:
        with connections[router.db_for_write(Category)].cursor() as cursor:
            cursor.execute(
                "WITH gone AS (DELETE FROM commerce_category WHERE id = %s RETURNING id)"
                " UPDATE commerce_category AS leaf SET id = gone.id FROM gone WHERE leaf.id = %s",
                [top.id, leaf.id],
            )

    assert refused(usurp) == "commerce_category_acyclic"


def test_one_statement_may_turn_a_branch_upside_down(acme: object) -> None:
    top = CategoryFactory()
    below = CategoryFactory(parent=top)
    Category.objects.update(parent=models.Case(models.When(pk=top.pk, then=models.Value(below.pk))))
    assert Category.objects.get(pk=top.pk).parent == below
    assert Category.objects.get(pk=below.pk).parent is None


def test_branches_move_freely_where_no_circle_closes(acme: object) -> None:
    left, right = CategoryFactory(), CategoryFactory()
    leaf = CategoryFactory(parent=CategoryFactory(parent=left))
    for parent in (right, left, None, right):
        leaf.parent = parent
        leaf.save()
    left.parent = leaf
    left.save()
    assert Category.objects.get(pk=left.pk).parent == leaf


def grow(session: Session, count: int) -> list[UUID]:
    """Commit so many categories without parents and return their ids."""
    made = [ids.new() for _ in range(count)]
    for category in made:
        session.run(
            "INSERT INTO commerce_category (id, name, slug, position) VALUES (%s, 'Tree', %s, 0)",
            category,
            f"tree-{category.hex}",
        )
    session.commit()
    return made


def move(session: Session, category: UUID, parent: UUID | None) -> None:
    session.run("UPDATE commerce_category SET parent_id = %s WHERE id = %s", parent, category)


def parents(session: Session, categories: list[UUID]) -> dict[UUID, UUID | None]:
    rows = session.run(
        "SELECT id, parent_id FROM commerce_category WHERE id = ANY (%s)", categories
    ).fetchall()
    session.commit()
    return {UUID(str(row[0])): UUID(str(row[1])) if row[1] else None for row in rows}


def test_of_two_moves_that_close_a_circle_together_the_later_waits_and_is_refused(login: Login) -> None:
    first, second = login(), login()
    a, b = grow(first, 2)
    move(first, a, b)
    caught: list[psycopg.Error] = []

    def later() -> None:
        try:
            move(second, b, a)
        except psycopg.Error as error:
            caught.append(error)
        second.rollback()

    waiting = threading.Thread(target=later)
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()  # alone it would take a millisecond
    first.commit()
    waiting.join(10)
    assert [error.diag.constraint_name for error in caught] == ["commerce_category_acyclic"]
    assert parents(first, [a, b]) == {a: b, b: None}


def test_a_move_waits_for_the_move_of_a_distant_ancestor(login: Login) -> None:
    first, second = login(), login()
    a, b, c, d = grow(first, 4)
    move(first, c, b)
    move(first, d, c)
    first.commit()
    move(first, b, a)  # a > b > c > d, as soon as it commits
    second.run("SET LOCAL lock_timeout = 100")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        move(second, a, d)
    second.rollback()
    first.commit()
    with pytest.raises(psycopg.errors.CheckViolation):
        move(second, a, d)
    second.rollback()


def test_moves_below_one_parent_do_not_wait_for_each_other(login: Login) -> None:
    first, second = login(), login()
    top, a, b = grow(first, 3)
    move(first, a, top)
    second.run("SET LOCAL lock_timeout = 100")
    move(second, b, top)
    second.commit()
    first.commit()
    assert parents(first, [top, a, b]) == {top: None, a: top, b: top}


def test_a_snapshot_from_before_the_other_move_is_no_way_round(login: Login) -> None:
    first, second = login(), login()
    a, b = grow(first, 2)
    second.connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    second.run("SELECT FROM commerce_category")
    move(first, a, b)
    first.commit()
    with pytest.raises(psycopg.errors.SerializationFailure):
        move(second, b, a)
    second.rollback()


def test_the_trigger_looks_into_its_own_table_whatever_the_path(login: Login) -> None:
    inside, outside = login(), login()
    a, b = grow(inside, 2)
    move(inside, b, a)
    inside.commit()
    shop = inside.run("SELECT current_schema()").fetchone()
    inside.commit()
    assert shop
    outside.path = "pg_catalog"
    table = sql.Identifier(str(shop[0]), "commerce_category")
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        outside.run(sql.SQL("UPDATE {} SET parent_id = %s WHERE id = %s").format(table), b, a)
    assert caught.value.diag.constraint_name == "commerce_category_acyclic"
    outside.rollback()


def test_many_moves_at_once_leave_a_tree(login: Login) -> None:
    watcher = login()
    categories = grow(watcher, 5)
    outcomes: list[str] = []

    def shuffle(session: Session, chance: random.Random) -> None:
        for _ in range(40):
            category, parent = chance.sample(categories, 2)
            try:
                session.run("SET LOCAL lock_timeout = 50")
                move(session, category, parent if chance.random() < 0.8 else None)
                session.commit()
            except psycopg.Error as error:
                session.rollback()
                outcomes.append(error.sqlstate or "")
            else:
                outcomes.append("moved")

    movers = [threading.Thread(target=shuffle, args=(login(), random.Random(seed))) for seed in range(4)]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join()
    assert len(outcomes) == 160
    assert set(outcomes) <= {"moved", "23514", "40P01", "55P03"}  # check violation, deadlock, lock timeout
    assert {"moved", "23514"} <= set(outcomes)
    above = parents(watcher, categories)
    for category in categories:
        climbed = [category]
        while (parent := above[climbed[-1]]) is not None:
            assert parent not in climbed
            climbed.append(parent)
