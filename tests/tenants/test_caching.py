"""Cache keys on a real Valkey: of one tenant and epoch, whatever the key, the version and the call."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.dummy import DummyCache
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import Client
from django.urls import path
from django.views.decorators.cache import cache_page
from hypothesis import given
from hypothesis import strategies as st

from tenants import caching, context, exceptions, ids, lifecycle
from tenants.directory import Entry

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.urls("tests.tenants.test_caching")


@cache_page(60)
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(context.tenant_id().hex)


ID, OTHER = ids.new(), ids.new()


@contextmanager
def entered(tenant: Entry) -> Iterator[None]:
    """Have `context.current()` say this tenant, without a database."""
    token = context._current.set(context.Context(context.Kind.TENANT, tenant.id, tenant.epoch))
    try:
        yield
    finally:
        context._current.reset(token)


urlpatterns = [path("page", page), path("sign-in/page", page)]


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    caches["global"].clear()
    yield
    caches["global"].clear()


def stored() -> list[bytes]:
    """Return every key that Valkey holds."""
    found: list[bytes] = cache._cache.get_client().keys("*")  # type: ignore[attr-defined]
    return found


CALLS: dict[str, Callable[[Any], Any]] = {
    "get": lambda c: c.get("k"),
    "get_many": lambda c: c.get_many(["k", "l"]) or None,
    "has_key": lambda c: c.has_key("k") or None,
    "in": lambda c: ("k" in c) or None,
    "add": lambda c: None if c.add("k", "own") else "taken",
    "get_or_set": lambda c: None if c.get_or_set("k", "own") == "own" else "foreign",
    "touch": lambda c: c.touch("k", 100) or None,
    "delete": lambda c: c.delete("k") or None,
    "aget": lambda c: asyncio.run(c.aget("k")),
}


@pytest.mark.parametrize("call", CALLS)
def test_another_tenant_finds_nothing(two_tenants: TwoTenants, call: str) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        cache.set("k", "of acme")
    with context.use(globex):
        assert CALLS[call](cache) is None
    with context.use(acme):
        assert cache.get("k") == "of acme"


def test_what_another_tenant_changes_stays_its_own(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    for tenant, start in ((acme, 1), (globex, 10)):
        with context.use(tenant):
            cache.set_many({"n": start, "m": start})
    with context.use(globex):
        cache.incr("n", 5)
        cache.incr_version("m")
        cache.delete_many(["n", "m"])
        assert cache.get_many(["n", "m"]) == {}
        assert cache.get("m", version=2) == 10
    with context.use(acme):
        assert cache.get_many(["n", "m"]) == {"n": 1, "m": 1}
        with pytest.raises(ValueError, match="not found"):
            cache.incr("of nobody")


@pytest.mark.parametrize("call", CALLS)
def test_outside_of_a_tenant_the_cache_raises(db: None, call: str) -> None:
    with pytest.raises(exceptions.NoTenant):
        CALLS[call](cache)
    with context.identity(), pytest.raises(exceptions.NoTenant):
        CALLS[call](cache)


def test_a_cache_that_keeps_nothing_raises_as_well(db: None) -> None:
    dummy = DummyCache("", {"KEY_FUNCTION": "tenants.caching.make_key"})
    with pytest.raises(exceptions.NoTenant):
        dummy.get("k")


def test_a_new_epoch_finds_nothing_of_the_old_one(fresh_db: str, tenant: Callable[[str], Entry]) -> None:
    with context.use(tenant("acme")):
        cache.set("k", "old")
    lifecycle.rotate_epoch("acme", by="test")
    with context.use(tenant("acme")):
        assert cache.get("k") is None


@given(
    a=st.tuples(st.text(max_size=80), st.text(max_size=20), st.one_of(st.integers(), st.text(max_size=20))),
    b=st.tuples(st.text(max_size=80), st.text(max_size=20), st.one_of(st.integers(), st.text(max_size=20))),
)
def test_no_choice_of_key_prefix_and_version_meets_another_tenant_s(a: Any, b: Any) -> None:
    acme = Entry(id=ID, slug="", name="", state="", epoch="e" * 32)
    globex = Entry(id=OTHER, slug="", name="", state="", epoch="e" * 32)
    with entered(acme):
        ours = caching.make_key(*a)
    with entered(globex):
        theirs = caching.make_key(*b)
    assert ours != theirs
    assert caching.make_global_key(*a) not in (ours, theirs)
    assert ours.startswith(f"t_{ID.hex}:")


def test_keys_that_imitate_another_tenant_s_do_not_reach_it(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        cache.set("k", "of acme")
    (real,) = (key.decode() for key in stored())
    rest = real.split(":", 1)[1]
    with context.use(globex):
        for key in (real, rest, f"\r\nGET {real}", f"\0{real}", f"../{real}", f"1:{real}", f"\u2028{real}"):
            assert cache.get(key) is None
            for version in (real, f"1:{real}", "", -1):
                assert cache.get(key, version=version) is None  # type: ignore[arg-type]


def test_every_key_in_valkey_names_its_tenant(two_tenants: TwoTenants) -> None:
    for tenant in two_tenants:
        with context.use(tenant):
            cache.set("k\r\nSET x 1\r\n", 1)
            cache.set("ü:ß", 1)
    caches["global"].set("k", 1)
    assert sorted(key.split(b":")[0] for key in stored()) == sorted(
        [*(tenant.schema_name.encode() for tenant in two_tenants for _ in range(2)), b"global"]
    )


def test_what_is_global_is_seen_by_all_and_is_nobody_s_own(two_tenants: TwoTenants) -> None:
    caches["global"].set("k", "for all")
    for tenant in two_tenants:
        with context.use(tenant):
            assert (caches["global"].get("k"), cache.get("k")) == ("for all", None)


def test_a_tenant_cannot_clear_what_all_share(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        cache.set("k", "of acme")
    with context.use(globex):
        for alias in ("default", "global"):
            with pytest.raises(exceptions.ClearRefused):
                caches[alias].clear()
            with pytest.raises(exceptions.ClearRefused):
                asyncio.run(caches[alias].aclear())
    with context.use(acme):
        assert cache.get("k") == "of acme"


def test_fragments_of_templates_are_kept_per_tenant(two_tenants: TwoTenants) -> None:
    template = Template("{% load cache %}{% cache 60 side %}{{ name }}{% endcache %}")
    for name, tenant in zip("ab", two_tenants, strict=True):
        with context.use(tenant):
            assert template.render(Context({"name": name})) == name
    with context.use(two_tenants[0]):
        assert template.render(Context({"name": "new"})) == "a", "it was cached"


def test_cached_pages_are_kept_per_tenant_even_on_one_host(two_tenants: TwoTenants) -> None:
    for tenant in (*two_tenants, *two_tenants):
        answer = Client(headers={"host": f"{tenant.slug}.localhost"}).get("/page")
        assert answer.content.decode() == tenant.id.hex
    assert len({key for key in stored() if b"cache_page" in key}) == 2
    request = HttpRequest()
    request.META.update(HTTP_HOST="same.example", SERVER_NAME="x", SERVER_PORT="80")
    request.method = "GET"
    for tenant in two_tenants:
        with context.use(tenant):
            assert page(request).content.decode() == tenant.id.hex


def test_a_page_that_signs_in_cannot_be_cached_for_all(two_tenants: TwoTenants) -> None:
    client = Client(headers={"host": "acme.localhost"})
    with pytest.raises(exceptions.NoTenant):
        client.get("/sign-in/page")
    assert [key for key in stored() if b"cache_page" in key] == []
