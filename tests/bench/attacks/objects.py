"""What was loaded in one tenant and used in another: rows, querysets, iterators, copies of them."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Prefetch, Subquery, prefetch_related_objects

from saas.commerce.models import Category, Product, Variant
from tests.bench import rows
from tests.bench.harness import Passes, Run, Tenant, attack

Stale = Callable[[Any], Any]


def load(tenant: Tenant) -> Product:
    return Product.objects.select_related("category").get(pk=tenant.facts["products"][0])


def load_twin(_: Tenant) -> Product:
    return Product.objects.select_related("category").get(pk=rows.TWIN)


def load_deferred(_: Tenant) -> Product:
    return Product.objects.only("slug").get(pk=rows.TWIN)


def refreshed(product: Product) -> str:
    product.refresh_from_db()
    return product.name


def changed(product: Product) -> Any:
    product.price += 1
    return product.save(update_fields=["price"])


def forced(product: Product) -> Any:
    return product.save(force_insert=True)


def copied(product: Product) -> Any:
    return copy.deepcopy(product).save()


def pickled(product: Product) -> Any:
    return pickle.loads(pickle.dumps(product)).save()


def updated_in_bulk(product: Product) -> Any:
    product.name += "!"
    return Product.objects.bulk_update([product], ["name"])


def created_in_bulk(product: Product) -> Any:
    return Product.objects.bulk_create([product])


def upserted(product: Product) -> Any:
    return Product.objects.bulk_create(
        [product], update_conflicts=True, unique_fields=["id"], update_fields=["name"]
    )


def prefetched(product: Product) -> Any:
    prefetch_related_objects([product], "variants")
    return list(product.variants.all())


def followed(product: Product) -> Any:
    return product.category


def given_a_child(product: Product) -> Any:
    return product.variants.create(name=product.name, sku=product.sku)


def assigned(product: Product) -> Any:
    return Variant.objects.create(product=product, name=product.name, sku=product.sku)


def adopted(product: Product) -> Any:
    return product.category.products.set(Product.objects.all()) if product.category else None


# An instance of the first, in the tenant of the second.
INSTANCES: list[tuple[Callable[[Tenant], Any], Stale]] = [
    (load, lambda product: product.save()),
    (load_twin, lambda product: product.save()),
    (load_twin, lambda product: product.category.save()),
    (load_twin, lambda product: product.variants.update(name=product.name)),
    (lambda _: Category.objects.get(pk=rows.TWIN), lambda category: category.save()),
    (load, lambda product: Product.save_base(product, raw=True)),
    (load, lambda product: product.delete()),
    (load, lambda product: list(product.variants.all())),
    (load, lambda product: product.variants.count()),
    (load, lambda product: product.variants.add(product.variants.model(name="x", sku="x"), bulk=False)),
    (load, lambda product: product.category.save()),
    (load, lambda product: list(product.category.products.all())),
    (load_deferred, lambda product: product.name),
    (load_deferred, lambda product: product.category),
    (lambda _: Product.objects.get(pk=rows.TWIN), followed),
    *[
        (of, act)
        for of in (load, load_twin)
        for act in (
            refreshed,
            changed,
            forced,
            copied,
            pickled,
            updated_in_bulk,
            created_in_bulk,
            upserted,
            prefetched,
            given_a_child,
            assigned,
            adopted,
        )
    ],
]

# A queryset of the first, in the tenant of the second.
QUERYSETS: list[tuple[Callable[[Tenant], Any], Stale]] = [
    (lambda _: Product.objects.all(), list),
    (lambda _: Product.objects.all(), lambda found: found.count()),
    (lambda _: Product.objects.all(), lambda found: found.exists()),
    (lambda _: Product.objects.all(), lambda found: found.first()),
    (lambda _: Product.objects.all(), lambda found: found[0]),
    (lambda _: Product.objects.all(), lambda found: found.in_bulk()),
    (lambda _: Product.objects.all(), lambda found: found.filter(price__gt=0).values_list("name")[:1][0]),
    (lambda _: Product.objects.all(), lambda found: found.update(description="taken")),
    (lambda _: Variant.objects.all(), lambda found: found.delete()),
    (lambda _: Product.objects.all(), lambda found: list(found.iterator(chunk_size=1))),
    (lambda _: Product.objects.all(), lambda found: list(Product.objects.filter(pk__in=found))),
    (lambda _: Product.objects.all(), lambda found: list(Product.objects.annotate(x=Subquery(found.values("name")[:1])))),
    (lambda _: Product.objects.filter(pk=OuterRef("product")), lambda found: list(Variant.objects.filter(Exists(found)))),
    (lambda _: Product.objects.all(), lambda found: list(Product.objects.union(found))),
    (lambda _: Product.objects.all(), lambda found: list(Product.objects.all() | found)),
    (lambda _: Product.objects.all(), lambda found: list(Category.objects.prefetch_related(Prefetch("products", found)))),
    (lambda _: Product.objects.all(), lambda found: list(copy.deepcopy(found))),
    (lambda _: pickle.dumps(Product.objects.all().query), lambda data: list(_with_query(pickle.loads(data)))),
    (lambda _: Product.objects.raw("SELECT id, name FROM commerce_product"), list),
    (lambda _: Product.objects.extra(select={"x": "name"}), list),
    (lambda _: Product.objects.select_for_update(), lambda found: list(found)),
    (lambda _: _evaluated(Product.objects.all()), list),
    (lambda _: _evaluated(Product.objects.all()), lambda found: found[0].name),
    (lambda _: _evaluated(Product.objects.all()), lambda found: len(found) and found.filter(price__lt=F("price") + 1)[0]),
    (lambda _: pickle.dumps(_evaluated(Product.objects.all())), lambda data: list(pickle.loads(data))),
    (lambda _: _begun(Product.objects.iterator(chunk_size=1)), list),
    (lambda _: _begun(Product.objects.values_list("name").iterator(chunk_size=2)), list),
    (lambda _: _begun(Product.objects.raw("SELECT id, name FROM commerce_product").iterator()), list),
    (lambda _: _cursor(), lambda cursor: cursor.fetchall()),
]  # fmt: skip


@attack("stale instances", tries=780, quick=len(INSTANCES), passes=Passes.REFUSED, writes=True)
def use_instances(run: Run) -> None:
    _use(run, INSTANCES)


@attack("stale querysets and iterators", tries=580, quick=len(QUERYSETS), passes=Passes.REFUSED, writes=True)
def use_querysets(run: Run) -> None:
    _use(run, QUERYSETS)


def _use(run: Run, cases: list[tuple[Callable[[Tenant], Any], Stale]]) -> None:
    for n in range(run.tries):
        former, present = run.pair()
        build, act = cases[n % len(cases)]
        with run.tally.attempt(present) as found:
            with run.enter(former):
                stale = build(former)
            with found.hostile(f"case {n % len(cases)}"), run.enter(present):
                found.saw(_shown(act(stale)), f"case {n % len(cases)}")
            run.look(found, present)
        if not run.ours:
            connection.close()  # a cursor that was left open
            run.side.furnish(present)


def _shown(result: Any) -> Any:
    """Return the texts of rows; str() of a row is its name."""
    return [str(row) for row in result] if isinstance(result, list | tuple) else str(result)


def _with_query(query: Any) -> Any:
    found = Product.objects.all()
    found.query = query
    return found


def _evaluated(found: Any) -> Any:
    assert list(found)
    return found


def _begun(found: Any) -> Any:
    next(found)
    return found


def _cursor() -> Any:
    cursor = connection.chunked_cursor()
    cursor.execute("SELECT name FROM commerce_product")
    return cursor
