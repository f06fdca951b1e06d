"""The record of who did what: part of the change's own transaction, without secrets, never changed."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from saas.commerce.models import Category
from tenants import audit_log, context, requests
from tenants.directory import Entry
from tenants.models import AuditEntry
from tests import factories

TwoTenants = tuple[Entry, Entry]


def entries(tenant: Entry) -> list[AuditEntry]:
    with context.use(tenant):
        return list(AuditEntry.objects.filter(action="tested"))


def test_an_entry_says_who_what_before_after_and_from_where(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    user = factories.member(acme, email="ada@example.com")
    with context.use(acme):
        token = audit_log.source.set("POST /api/v1/products")
        audit_log.record(acme.id, "tested", by=user, subject="lamp", before={"price": 1}, after={"price": 2})
        audit_log.source.reset(token)
    (entry,) = entries(acme)
    assert (entry.actor_id, entry.actor, entry.subject) == (user.pk, "ada@example.com", "lamp")
    assert (entry.before, entry.after, entry.source) == ({"price": 1}, {"price": 2}, "POST /api/v1/products")
    assert entries(globex) == []


def test_a_command_or_a_task_is_named_without_an_id(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        audit_log.record(two_tenants[0].id, "tested", by="nightly backup")
    (entry,) = entries(two_tenants[0])
    assert (entry.actor_id, entry.actor, entry.before, entry.after, entry.source) == (
        None,
        "nightly backup",
        None,
        None,
        "",
    )


@pytest.mark.parametrize(
    "name",
    ["password", "Password", "new_password", "api_token", "secret", "digest", "password_hash", "SECRET_KEY"],
)
def test_what_sounds_like_a_secret_is_masked(two_tenants: TwoTenants, name: str) -> None:
    values = {name: "hunter2", "colour": "red"}
    with context.use(two_tenants[0]):
        audit_log.record(two_tenants[0].id, "tested", by="test", before=values, after=values)
    (entry,) = entries(two_tenants[0])
    assert entry.before == entry.after == {name: "***", "colour": "red"}
    assert values[name] == "hunter2", "the caller's own values stay"


def test_what_is_too_long_is_cut_and_not_refused(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        token = audit_log.source.set("s" * 500)
        audit_log.record(two_tenants[0].id, "tested", by="b" * 500, subject="x" * 500)
        audit_log.source.reset(token)
    (entry,) = entries(two_tenants[0])
    assert (len(entry.actor), len(entry.subject), len(entry.source)) == (254, 200, 200)


def test_an_entry_is_kept_or_lost_with_the_change(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.use(acme):
        Category.objects.create(name="x", slug="x")
        audit_log.record(acme.id, "tested", by="test")
        context.roll_back()
    assert entries(acme) == []


def test_an_entry_about_another_tenant_is_refused(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.use(acme), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        audit_log.record(globex.id, "tested", by="test")
    assert entries(globex) == []


def test_an_entry_can_be_neither_changed_nor_deleted(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.use(acme):
        audit_log.record(acme.id, "tested", by="test")
        for change in (
            lambda: AuditEntry.objects.update(actor="nobody"),
            lambda: AuditEntry.objects.filter(action="tested")._raw_delete("default"),
        ):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                change()
    assert len(entries(acme)) == 1


def test_the_role_identity_adds_entries_and_reads_none(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.identity():
        audit_log.record(acme.id, "tested", by="test")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            AuditEntry.objects.count()
    assert len(entries(acme)) == 1


@pytest.mark.parametrize("enter", [context.operator, context.identity, context.public])
def test_no_other_login_changes_or_deletes_an_entry(
    fresh_db: str, two_tenants: TwoTenants, enter: Any
) -> None:
    acme, _ = two_tenants
    with context.use(acme):
        audit_log.record(acme.id, "tested", by="test")
    for change in (
        lambda: AuditEntry.objects.update(actor="nobody"),
        lambda: AuditEntry.objects.all()._raw_delete(context.current().alias),  # type: ignore[union-attr]
    ):
        with pytest.raises(DatabaseError, match="permission denied"), enter():
            change()
    assert len(entries(acme)) == 1


@pytest.mark.parametrize(("caller", "kept"), [("203.0.113.7", "203.0.113.7"), ("::1", "::1"), ("", None)])
def test_an_entry_names_the_request_and_where_it_came_from(
    two_tenants: TwoTenants, caller: str, kept: str | None
) -> None:
    request: Any = RequestFactory().get("/", REMOTE_ADDR=caller)
    request.id = "0123456789abcdef"
    token = requests.current.set(request)
    with context.use(two_tenants[0]):
        audit_log.record(two_tenants[0].id, "tested", by="test")
    requests.current.reset(token)
    (entry,) = entries(two_tenants[0])
    assert (entry.request_id, entry.address) == ("0123456789abcdef", kept)


def test_who_acts_under_another_name_is_named_too(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    ada, operator = (
        factories.member(acme, email="ada@example.com"),
        factories.member(acme, email="op@example.com"),
    )
    token = audit_log.on_behalf.set(operator)
    with context.use(acme):
        audit_log.record(acme.id, "tested", by=ada)
    audit_log.on_behalf.reset(token)
    (entry,) = entries(acme)
    assert (entry.actor, entry.impersonator) == ("ada@example.com", "op@example.com")
    assert (entry.actor_id, entry.impersonator_id) == (ada.pk, operator.pk)


PLAIN = st.sampled_from(["name", "price", "colour", "items"])
SECRET = st.sampled_from(["password", "API-Token", "client_secret", "X-Private-Key", "recovery_hash"])
LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.just("harmless"))
VALUES = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(PLAIN, inner, max_size=3),
        st.dictionaries(SECRET, st.just({"deep": ["hunter2"]}), max_size=2),
        st.dictionaries(SECRET, st.just("hunter2"), max_size=2),
    ),
    max_leaves=12,
)


@given(VALUES)
def test_no_secret_is_left_at_any_depth(values: Any) -> None:
    masked = audit_log._mask(values)
    assert "hunter2" not in repr(masked)
    assert repr(masked).count("harmless") == repr(values).count("harmless")


@given(
    st.recursive(LEAF, lambda inner: st.one_of(st.lists(inner), st.dictionaries(PLAIN, inner)), max_leaves=12)
)
def test_what_is_no_secret_stays_as_it_is(values: Any) -> None:
    assert audit_log._mask(values) == values
