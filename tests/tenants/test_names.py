"""Which slugs and host names may exist, and that a schema's name tells nothing."""

import re
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from saas.commerce.models import Category
from tenants import context, domains, exceptions, ids, lifecycle, names
from tenants.models import HOSTNAME_FORM
from tests import databases
from tests.conftest import ServerLog


@pytest.mark.parametrize("slug", ["ab", "acme", "a1", "acme-2", "a" * 41, "x-y-z"])
def test_it_takes_a_slug_as_it_is(slug: str) -> None:
    assert names.check_slug(slug) == slug


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "a",
        "Acme",
        "ACME",
        "äcme",
        "аcme",  # the first letter is Cyrillic
        "acme\u200f",
        "acme\n",
        " acme",
        "1acme",
        "-acme",
        "acme-",
        "ac--me",
        "xn--acme",
        "ac_me",
        "ac.me",
        "a,b",
        "a;b",
        "a'b",
        'a"b',
        "a" * 42,
        "a" * 64,
        "ａｃｍｅ",
        "information_schema",
        "pg_catalog",
        "pg_temp",
        "acme\u202e",  # what follows is read from the right
        "acme\u200b",
        "acme\u00ad",
        "acme\0",
        "acme; drop schema public",
        "acme.",
        "é" * 32,  # 64 bytes
        "ac\u0301me",
        "acme¹",
        "acme٣",  # a digit of Arabic
        "t_0191b2c3d4e57f608a1b2c3d4e5f6071",
    ],
)
def test_it_refuses_what_is_no_slug(slug: str) -> None:
    with pytest.raises(exceptions.InvalidSlug, match="slug"):
        names.check_slug(slug)


@pytest.mark.parametrize(
    "slug",
    [
        "public",
        "admin",
        "www",
        "pg-catalog",
        "information-schema",
        "console",
        "api",
        "adrnin",
        "vvww",
        "rnail",
        "b1og",
    ],
)
def test_it_refuses_a_reserved_word_or_what_looks_like_one_and_says_so(slug: str) -> None:
    with pytest.raises(exceptions.InvalidSlug, match="reserved"):
        names.check_slug(slug)


@given(st.text(max_size=60))
def test_a_slug_is_one_label_of_a_host_name_in_ascii_lower_case(text: str) -> None:
    try:
        slug = names.check_slug(text)
    except exceptions.InvalidSlug:
        return
    assert slug.isascii()
    assert slug == slug.lower()
    assert names.check_hostname(f"{slug}.example") == f"{slug}.example"


@pytest.mark.parametrize(
    ("given_name", "stored"),
    [
        ("Shop.Example.COM", "shop.example.com"),
        (" shop.example. ", "shop.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        ("shop.example。", "shop.example"),  # the full stop of Chinese and Japanese
        ("ｓｈｏｐ.example", "shop.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),  # one letter in two characters
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),  # IDNA 2003 made "fass" of it, which is another name
        ("日本語テスト.example", "xn--zckzah9945czlbtz6h.example"),
        ("abc漢字.example", "xn--abc-269er78f.example"),
        ("αβγ.example", "xn--mxacd.example"),
        ("אבג.example", "xn--4dbcd.example"),
        (
            ".".join(["abcdefg"] * 30 + ["abcde", "example"]),
            ".".join(["abcdefg"] * 30 + ["abcde", "example"]),
        ),  # 253
    ],
)
def test_a_host_name_is_stored_in_one_form(given_name: str, stored: str) -> None:
    assert names.check_hostname(given_name) == stored


@pytest.mark.parametrize(
    "hostname",
    [
        "",
        ".",
        "a..b",
        "-a.example",
        "a-.example",
        "a_b.example",
        "a" * 64 + ".example",
        ".".join(["abcdefgh"] * 29),  # 260 bytes
        "shop.example:8000",
        "shop/example",
        "shop example",
        "*.example",
        ".".join(["abcdefg"] * 30 + ["abcdef", "example"]),  # 254 bytes
        "ü" * 60 + ".example",  # 60 characters, more than 63 bytes as they are written
        "shop.example..",
        ".shop.example",
        "user@shop.example",
        "https://shop.example",
        "127.0.0.1",
        "[::1]",
        "2130706433",
        "1.2.3.0x1f",
        "shop.1",
        "localhost",
        "shop.localhost",
        "shop.local",
        "shop",
        "xn--a.example",
        "xn--ss.example",  # not what its own letters are written as
        "xn--.example",
        "xn--acme-.example",
        "ab--cd.example",
        "shop\u200b.example",
        "shop\u200c.example",
        "shop\u200d.example",
        "shop\u00ad.example",
        "shop\u2060.example",
        "\u200fshop.example",
        "shop\u202e.example",
        "shop\u2066.example",
        "shop\0.example",
        "shop\n.example",
        "\ud800.example",
        "א1a.example",  # directions that an address may not mix
        "☃.example",
        "🛒.example",
        "аcme.example",  # the first letter is Cyrillic
        "xn--cme-7cd.example",  # the same, as it is written
        "acmе.example",  # the last one is
        "ɑсme.example",
        "αcme.example",  # Greek
        "acmeա.example",  # Armenian
        "日本а.example",
        "ꓮꓚ.example",  # Lisu, whose capitals are Latin to the eye
        "ⲥⲟⲣ.example",  # Coptic
        "ʻokina.example",
    ],
)
def test_it_refuses_what_is_no_host_name(hostname: str) -> None:
    with pytest.raises(exceptions.InvalidHostname):
        names.check_hostname(hostname)


def test_a_schema_is_named_after_the_id_alone() -> None:
    tenant_id = UUID("0191b2c3-d4e5-7f60-8a1b-2c3d4e5f6071")
    assert names.schema_of(tenant_id) == "t_0191b2c3d4e57f608a1b2c3d4e5f6071"


def test_every_name_of_a_schema_is_one_that_the_pattern_knows() -> None:
    assert names.SCHEMA.fullmatch(names.schema_of(ids.new()))


@pytest.mark.parametrize(
    "name", ["t_", "t_0191B2C3D4E57F608A1B2C3D4E5F6071", "public", "t_" + "0" * 31, "t_" + "g" * 32]
)
def test_the_pattern_of_a_schema_knows_nothing_else(name: str) -> None:
    assert not names.SCHEMA.fullmatch(name)


@given(st.text(max_size=80))
def test_what_is_stored_is_ascii_in_lower_case_and_its_own_normal_form(text: str) -> None:
    try:
        stored = names.check_hostname(text)
    except exceptions.InvalidHostname:
        return
    assert stored.isascii()
    assert stored == stored.lower()
    assert re.fullmatch(HOSTNAME_FORM, stored)
    assert names.check_hostname(stored) == stored
    assert names.check_hostname(names.shown(stored)) == stored


LABELS = st.text(st.sampled_from("abcrnmvwil01éüßаасеорхαορ漢字テ한-"), min_size=1, max_size=12)


@given(st.lists(LABELS, min_size=1, max_size=3))
def test_the_same_holds_for_names_that_are_likely_to_be_taken(labels: list[str]) -> None:
    test_what_is_stored_is_ascii_in_lower_case_and_its_own_normal_form.hypothesis.inner_test(  # type: ignore[attr-defined]
        ".".join([*labels, "example"])
    )


@pytest.mark.parametrize("hidden", ["\u200f", "\u202e", "\u200b"])
def test_a_refusal_never_prints_what_it_refuses_raw(hidden: str) -> None:
    for check in (names.check_slug, names.check_hostname):
        with pytest.raises(exceptions.TenancyError) as caught:
            check(f"acme{hidden}.example")
        assert hidden not in str(caught.value)


def test_declared_patterns_of_schemas_never_overlap() -> None:
    digits = "0" * 32
    patterns = [names.SCHEMA, names.RETIRED, names.SCRATCH, names.STAGING]
    for name in (f"{letter}_{digits}" for letter in "trxs"):
        assert sum(bool(pattern.fullmatch(name)) for pattern in patterns) == 1
    assert names.RETIRED.fullmatch(names.retired_of(ids.new()))


# Opaque, everywhere.

OURS = {"app", "backup", "console", "identity", "owner", "tenant", "postgres"}
DDL = re.compile(r"\b(CREATE|ALTER|DROP|GRANT|REVOKE|SET|COPY|LOCK|COMMENT)\b")


def test_no_schema_and_no_role_is_named_after_anything_but_an_id(fresh_db: str) -> None:
    lifecycle.create("umbrella", name="Umbrella Ltd", by="test")
    with psycopg.connect(databases.servers().admin_url(fresh_db)) as admin:
        schemas = {name for (name,) in admin.execute("SELECT nspname FROM pg_namespace")}
        roles = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'")}
    tenants = {name for name in schemas if names.SCHEMA.fullmatch(name)}
    assert len(tenants) == 4
    assert tenants <= roles
    assert {name for name in schemas - tenants if not name.startswith("pg_")} == {
        "public",
        "information_schema",
    }
    assert {name for name in roles if not names.SCHEMA.fullmatch(name)} <= OURS


def test_no_message_puts_a_slug_a_name_or_a_host_where_a_statement_names_things(
    server_log: ServerLog,
) -> None:
    tenant = lifecycle.create("umbrella", name="Umbrella Ltd", by="test")
    domains.add("umbrella", "shop.umbrella.example", by="test")
    lifecycle.rename("umbrella", "umbrella-2", by="test")
    with context.use(tenant):
        Category.objects.create(name="Tea", slug="tea")
    lifecycle.destroy("umbrella-2", by="test")
    connections.close_all()
    messages = [*server_log.messages("owner"), *server_log.messages("app")]
    ours = [message for message in messages if tenant.schema_name in message]
    assert {DDL.search(message)[1] for message in ours if DDL.search(message)} >= {"CREATE", "DROP", "SET"}  # type: ignore[index]
    naming = [message for message in messages if DDL.match(message.lstrip()) or message.startswith("BEGIN")]
    assert len(naming) > 10
    assert not [message for message in naming if "umbrella" in message.lower()]
    for message in naming:
        assert set(re.findall(r"\bt_\w+", message)) <= {tenant.schema_name}


def test_only_an_id_can_become_a_name() -> None:
    for other in ("acme", "t_" + "0" * 32, "public; DROP SCHEMA public", None, 7):
        with pytest.raises(AttributeError):
            names.schema_of(other)  # type: ignore[arg-type]
