"""Objects remember their tenant: whatever was read or built in one raises in another, and never runs there."""

import copy
import pickle
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.apps import apps
from django.db import connections, models
from django.db.models import Exists, OuterRef, Prefetch, Subquery
from django.test.utils import isolate_apps

from saas.commerce.models import Category, Product, Variant
from tenants import context, exceptions, guard
from tenants.directory import Entry
from tenants.models import Tenant
from tests.saas.commerce.factories import CategoryFactory, ProductFactory, VariantFactory

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.usefixtures("module_db")


@pytest.fixture
def shops(two_tenants: TwoTenants) -> SimpleNamespace:
    """Two shops with the same ids and slugs, so that only the tenant tells their rows apart."""
    a, b = two_tenants
    for tenant in (a, b):
        with context.use(tenant):
            Variant.objects.all().delete()
            Product.objects.all().delete()
            Category.objects.all().delete()
            lamps = CategoryFactory(slug="lamps", name=f"lamps of {tenant.slug}")
            product = ProductFactory(slug="lamp", sku="LAMP", name=f"lamp of {tenant.slug}", category=lamps)
            VariantFactory(product=product, name="red", sku="RED")
    return SimpleNamespace(a=a, b=b)


def in_a(shops: SimpleNamespace, read: Callable[[], Any]) -> Any:
    with context.use(shops.a):
        return read()


def refused(shops: SimpleNamespace, use: Callable[[], Any]) -> None:
    """use raises WrongTenant in the other tenant, and in it nothing has changed afterwards."""
    with pytest.raises(exceptions.WrongTenant), context.use(shops.b):
        use()
    with context.use(shops.b):
        assert Product.objects.get().name == f"lamp of {shops.b.slug}"
        assert Category.objects.get().name == f"lamps of {shops.b.slug}"
        assert Variant.objects.count() == 1


INSTANCE_USES: dict[str, Callable[[Product], Any]] = {
    "save": lambda p: p.save(),
    "save with an alias": lambda p: p.save(using="default"),
    "save some fields": lambda p: p.save(update_fields=["name"]),
    "insert": lambda p: p.save(force_insert=True),
    "delete": lambda p: p.delete(),
    "delete with an alias": lambda p: p.delete(using="default"),
    "refresh": lambda p: p.refresh_from_db(),
    "refresh with an alias": lambda p: p.refresh_from_db(using="default"),
    "refresh from a queryset": lambda p: p.refresh_from_db(from_queryset=Product.objects.all()),
    "follow a foreign key": lambda p: p.category,
    "follow it backwards": lambda p: list(p.variants.all()),
    "count backwards": lambda p: p.variants.count(),
    "create through a relation": lambda p: p.variants.create(name="blue", sku="BLUE"),
    "validate": lambda p: p.full_clean(),
    "prefetch": lambda p: models.prefetch_related_objects([p], "variants"),
    "prefetch forwards": lambda p: models.prefetch_related_objects([p], "category"),
    "bulk update": lambda p: Product.objects.bulk_update([p], ["name"]),
    "bulk create": lambda p: Product.objects.bulk_create([p]),
    "bulk upsert": lambda p: Product.objects.bulk_create(
        [p], update_conflicts=True, update_fields=["name"], unique_fields=["id"]
    ),
    "assign to a new row": lambda p: Variant(product=p, name="blue", sku="BLUE"),
    "assign to a row from here": lambda p: setattr(Variant.objects.get(), "product", p),
}


@pytest.mark.parametrize("use", INSTANCE_USES.values(), ids=INSTANCE_USES)
def test_an_instance_is_not_used_in_another_tenant(
    shops: SimpleNamespace, use: Callable[[Product], Any]
) -> None:
    product = in_a(shops, Product.objects.get)
    refused(shops, lambda: use(product))


def test_a_deferred_field_is_not_read_in_another_tenant(shops: SimpleNamespace) -> None:
    product = in_a(shops, Product.objects.only("id").get)
    refused(shops, lambda: product.name)


WAYS_OF_READING: dict[str, Callable[[], Any]] = {
    "get": lambda: Product.objects.get(),
    "list": lambda: next(iter(Product.objects.all())),
    "iterator": lambda: next(Product.objects.iterator()),
    "raw": lambda: Product.objects.raw("SELECT * FROM commerce_product")[0],
    "the base manager": lambda: Product._base_manager.get(),
    "select_related": lambda: Variant.objects.select_related("product").get().product,
    "prefetch_related": lambda: Category.objects.prefetch_related("products").get().products.all()[0],
    "a relation": lambda: Category.objects.get().products.get(),
    "a foreign key": lambda: Variant.objects.get().product,
    "get_or_create": lambda: Product.objects.get_or_create(slug="lamp")[0],
    "create": lambda: ProductFactory(slug="second", sku="SECOND"),
    "bulk_create": lambda: Product.objects.bulk_create([ProductFactory.build(slug="third", sku="THIRD")])[0],
    "in_bulk": lambda: next(iter(Product.objects.in_bulk().values())),
    "union": lambda: Product.objects.union(Product.objects.all())[0],
    "pickled": lambda: pickle.loads(pickle.dumps(Product.objects.get())),
    "copied": lambda: copy.deepcopy(Product.objects.get()),
    "refreshed": lambda: _refreshed(),
}


def _refreshed() -> Product:
    product = Product.objects.get()
    product.refresh_from_db()
    return product


@pytest.mark.parametrize("read", WAYS_OF_READING.values(), ids=WAYS_OF_READING)
def test_every_way_to_an_instance_stamps_it(shops: SimpleNamespace, read: Callable[[], Any]) -> None:
    product = in_a(shops, read)
    assert product._state.tenant == shops.a.id
    refused(shops, product.save)


def test_an_instance_pickled_in_one_tenant_is_refused_when_loaded_in_another(shops: SimpleNamespace) -> None:
    kept = in_a(shops, lambda: pickle.dumps(Product.objects.get()))
    refused(shops, lambda: pickle.loads(kept).save())


QUERYSET_USES: dict[str, Callable[[Any], Any]] = {
    "list": list,
    "bool": bool,
    "len": len,
    "index": lambda found: found[0],
    "slice": lambda found: list(found[:1]),
    "get": lambda found: found.get(),
    "first": lambda found: found.first(),
    "count": lambda found: found.count(),
    "exists": lambda found: found.exists(),
    "contains": lambda found: found.contains(Product(pk=Product().pk)),
    "aggregate": lambda found: found.aggregate(models.Max("price")),
    "values": lambda found: list(found.values("name")),
    "values_list": lambda found: list(found.values_list("name", flat=True)),
    "dates": lambda found: list(found.dates("created_at", "day")),
    "iterator": lambda found: list(found.iterator()),
    "update": lambda found: found.update(name="changed"),
    "delete": lambda found: found.delete(),
    "a further filter": lambda found: list(found.filter(name="x")),
    "in a subquery": lambda found: list(Variant.objects.filter(product__in=found)),
    "in Exists": lambda found: list(Category.objects.filter(Exists(found.filter(category=OuterRef("pk"))))),
    "in Subquery": lambda found: list(Category.objects.annotate(x=Subquery(found.values("name")[:1]))),
    "in a union": lambda found: list(Product.objects.union(found)),
    "combined": lambda found: list(Product.objects.all() | found),
    "in a prefetch": lambda found: list(Category.objects.prefetch_related(Prefetch("products", found))),
    "as raw": lambda found: list(found.raw("SELECT * FROM commerce_product")),
    "explain": lambda found: found.explain(),
    "pickle": pickle.dumps,
    "refresh": lambda found: Product.objects.get().refresh_from_db(from_queryset=found),
    "async": lambda found: async_to_sync(_collect)(found),
}


async def _collect(found: Any) -> list[Any]:
    return [row async for row in found]


@pytest.mark.parametrize("use", QUERYSET_USES.values(), ids=QUERYSET_USES)
@pytest.mark.parametrize("evaluated", [False, True], ids=["lazy", "evaluated"])
def test_a_queryset_runs_only_where_it_was_built(
    shops: SimpleNamespace, use: Callable[[Any], Any], evaluated: bool
) -> None:
    def build() -> Any:
        found = Product.objects.all()
        if evaluated:
            len(found)
        return found

    found = in_a(shops, build)
    refused(shops, lambda: use(found))


RELATED_QUERYSETS: dict[str, Callable[[], Any]] = {
    "backwards": lambda: Category.objects.get().products.all(),
    "prefetched": lambda: Category.objects.prefetch_related("products").get().products.all(),
    "the base manager": lambda: Product._base_manager.all(),
    "the default manager": lambda: Product._default_manager.all(),
    "with an alias": lambda: Product.objects.using("default"),
    "from a manager with an alias": lambda: Product.objects.db_manager("default").all(),
    "raw": lambda: Product.objects.raw("SELECT * FROM commerce_product"),
    "raw with an alias": lambda: Product.objects.raw("SELECT * FROM commerce_product").using("default"),
    "none": lambda: Product.objects.none() | Product.objects.all(),
    "unpickled": lambda: pickle.loads(pickle.dumps(Product.objects.all())),
    "copied": lambda: copy.deepcopy(Product.objects.all()),
    "with an unpickled query": lambda: _with_query(pickle.loads(pickle.dumps(Product.objects.all().query))),
}


def _with_query(query: Any) -> Any:
    found = Product.objects.all()
    found.query = query
    return found


@pytest.mark.parametrize("build", RELATED_QUERYSETS.values(), ids=RELATED_QUERYSETS)
def test_every_way_to_a_queryset_stamps_it(shops: SimpleNamespace, build: Callable[[], Any]) -> None:
    found = in_a(shops, build)
    refused(shops, lambda: list(found))
    with context.use(shops.a):
        assert [product.name for product in found] == [f"lamp of {shops.a.slug}"]


def test_a_queryset_pickled_in_one_tenant_is_refused_when_loaded_in_another(shops: SimpleNamespace) -> None:
    kept = in_a(shops, lambda: pickle.dumps(Product.objects.all()))
    refused(shops, lambda: list(pickle.loads(kept)))


def test_a_queryset_built_outside_runs_in_any_tenant_until_it_has_rows(shops: SimpleNamespace) -> None:
    everywhere = Product.objects.all()
    for tenant in (shops.a, shops.b):
        with context.use(tenant):
            assert everywhere.all().get().name == f"lamp of {tenant.slug}"
    in_a(shops, lambda: len(everywhere))
    refused(shops, lambda: list(everywhere))


@pytest.mark.parametrize("chunk", [1, 2000])
def test_an_iterator_stops_when_its_tenant_is_left(shops: SimpleNamespace, chunk: int) -> None:
    with context.use(shops.a):
        ProductFactory(slug="second", sku="SECOND")
        rows = Product.objects.iterator(chunk_size=chunk)
        next(rows)
    with pytest.raises(exceptions.NoTenant):
        next(rows)


@pytest.mark.parametrize("chunk", [1, 2000])
def test_an_iterator_does_not_go_on_in_another_tenant(shops: SimpleNamespace, chunk: int) -> None:
    with context.use(shops.a):
        ProductFactory(slug="second", sku="SECOND")
        rows = Product.objects.iterator(chunk_size=chunk)
        next(rows)
    refused(shops, lambda: next(rows))


def test_an_iterator_of_a_tenant_that_was_left_does_no_harm_to_the_next(shops: SimpleNamespace) -> None:
    with context.use(shops.a):
        ProductFactory(slug="second", sku="SECOND")
        rows = Product.objects.iterator(chunk_size=1)
        next(rows)
    with context.use(shops.b):
        rows.close()  # type: ignore[attr-defined]  # as garbage collection may do at any moment
        assert Product.objects.get().name == f"lamp of {shops.b.slug}"


def test_an_async_iterator_does_not_go_on_in_another_tenant(shops: SimpleNamespace) -> None:
    async def first(rows: Any) -> str:
        return str((await anext(rows)).name)

    def begin() -> Any:
        ProductFactory()
        rows = Product.objects.aiterator(chunk_size=2000)
        async_to_sync(first)(rows)
        return rows

    def go_on() -> None:
        rows, more = in_a(shops, begin), in_a(shops, begin)
        with pytest.raises(exceptions.NoTenant):
            async_to_sync(first)(rows)
        refused(shops, lambda: async_to_sync(first)(more))

    # All in one event loop: it closes its generators when it ends.
    async_to_sync(sync_to_async(go_on))()


def test_an_operator_s_context_is_another_place_as_well(shops: SimpleNamespace) -> None:
    product, found = in_a(shops, lambda: (Product.objects.get(), Product.objects.all()))
    for use in (product.save, product.refresh_from_db, lambda: list(found)):
        with pytest.raises(exceptions.WrongTenant), context.operator():
            use()


def test_a_new_instance_belongs_to_the_tenant_that_saves_it(shops: SimpleNamespace) -> None:
    product = ProductFactory.build(slug="new", sku="NEW")
    in_a(shops, product.save)
    refused(shops, product.save)


def test_in_its_own_tenant_an_instance_works_in_a_later_context(shops: SimpleNamespace) -> None:
    product = in_a(shops, Product.objects.get)
    with context.use(shops.a):
        product.name = "renamed"
        product.save()
        assert product.category is not None
        assert Product.objects.get().name == "renamed"


def test_every_model_of_the_tenant_apps_is_guarded_and_no_shared_one() -> None:
    of_tenants = [
        model
        for model in apps.get_models()
        if guard.is_tenant_app(apps.get_app_config(model._meta.app_label))
    ]
    assert {Category, Product, Variant} <= set(of_tenants)
    assert all(map(guard.is_guarded, of_tenants))
    assert not guard.is_guarded(Tenant)


def test_a_model_stays_guarded_when_another_one_is_registered(shops: SimpleNamespace) -> None:
    apps.clear_cache()
    assert guard.is_guarded(Product)
    found = in_a(shops, Product.objects.all)
    refused(shops, lambda: list(found))


@isolate_apps("saas.commerce")
def test_a_model_with_managers_of_its_own_is_guarded_too(shops: SimpleNamespace) -> None:
    class Lamps(models.QuerySet[Any]):
        def red(self) -> Any:
            return self.filter(name__contains="lamp")

    class Own(models.Manager[Any]):
        def get_queryset(self) -> Any:
            return Lamps(self.model, using=self._db)

    class Lamp(models.Model):
        name = models.TextField()
        things = Lamps.as_manager()
        own = Own()

        class Meta:
            app_label = "commerce"
            db_table = "commerce_product"

    class Child(Lamp):
        class Meta:
            app_label = "commerce"
            proxy = True

    assert not guard.is_guarded(Lamp)
    guard.guard(Lamp)
    guard.guard(Child)
    assert guard.is_guarded(Lamp)
    assert guard.is_guarded(Child)
    for build in (Lamp.things.red, Lamp.own.all, lambda: Lamp.own.get_queryset().red(), Child.things.all):
        found = in_a(shops, build)
        assert isinstance(found, Lamps)
        refused(shops, partial(list, found))


def test_a_guarded_manager_is_written_into_migrations_as_the_plain_one() -> None:
    assert Variant.objects.deconstruct()[1] == "django.db.models.manager.Manager"


def test_rows_of_other_aliases_are_never_mixed_up(shops: SimpleNamespace) -> None:
    """What a cursor returns is not stamped; the compiler has asked before it was sent."""
    with context.use(shops.a), connections["default"].cursor() as cursor:
        cursor.execute("SELECT name FROM commerce_product")
        assert cursor.fetchall() == [(f"lamp of {shops.a.slug}",)]
