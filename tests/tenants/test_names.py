"""Which slugs and host names may exist, and that a schema's name tells nothing."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants import exceptions, ids, names


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
    ],
)
def test_it_refuses_what_is_no_slug(slug: str) -> None:
    with pytest.raises(exceptions.InvalidSlug, match="slug"):
        names.check_slug(slug)


@pytest.mark.parametrize(
    "slug", ["public", "admin", "www", "pg-catalog", "information-schema", "console", "api"]
)
def test_it_refuses_a_reserved_word_and_says_so(slug: str) -> None:
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
