"""Signatures: good in the tenant and the epoch that made them, and nowhere else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.signing import BadSignature, SignatureExpired, get_cookie_signer
from django.db import connections
from django.http import HttpResponse
from django.test import RequestFactory

from tenants import context, exceptions, ids, lifecycle, signing
from tenants.directory import Entry
from tenants.models import Tenant

TwoTenants = tuple[Entry, Entry]
Sign = Callable[[], str]
Check = Callable[[str], Any]
SIGNERS: dict[str, tuple[Sign, Check]] = {
    "dumps": (lambda: signing.dumps({"a": 1}, salt="s"), lambda text: signing.loads(text, salt="s")),
    "Signer": (lambda: signing.Signer().sign("a"), lambda text: signing.Signer().unsign(text)),
    "Signer with a salt": (
        lambda: signing.Signer(salt="s").sign("a"),
        lambda text: signing.Signer(salt="s").unsign(text),
    ),
    "TimestampSigner": (
        lambda: signing.TimestampSigner().sign("a"),
        lambda text: signing.TimestampSigner().unsign(text),
    ),
    "sign_object": (
        lambda: signing.Signer().sign_object([1], compress=True),
        lambda text: signing.Signer().unsign_object(text),
    ),
    "SIGNING_BACKEND": (
        lambda: get_cookie_signer(salt="s").sign("a"),
        lambda text: get_cookie_signer(salt="s").unsign(text),
    ),
}


@pytest.mark.parametrize("name", SIGNERS)
def test_what_one_tenant_signs_is_good_there_alone(two_tenants: TwoTenants, name: str) -> None:
    acme, globex = two_tenants
    sign, check = SIGNERS[name]
    with context.use(acme):
        text = sign()
    with context.use(acme):
        check(text)
    with context.use(globex), pytest.raises(BadSignature):
        check(text)


@pytest.mark.parametrize("name", SIGNERS)
def test_outside_of_a_tenant_nothing_is_signed_and_nothing_is_good(
    two_tenants: TwoTenants, name: str
) -> None:
    sign, check = SIGNERS[name]
    with context.use(two_tenants[0]):
        text = sign()
    for attempt in (sign, lambda: check(text)):
        with pytest.raises(exceptions.NoTenant):
            attempt()
        with context.identity(), pytest.raises(exceptions.NoTenant):
            attempt()


@pytest.mark.parametrize("name", SIGNERS)
def test_a_new_epoch_voids_what_was_signed_before(
    fresh_db: str, tenant: Callable[[str], Entry], name: str
) -> None:
    sign, check = SIGNERS[name]
    with context.use(tenant("acme")):
        text = sign()
    lifecycle.rotate_epoch("acme", by="test")
    with context.use(tenant("acme")), pytest.raises(BadSignature):
        check(text)


def test_a_signer_that_was_made_at_import_follows_the_context(two_tenants: TwoTenants) -> None:
    signer = signing.Signer(salt="s")
    with context.use(two_tenants[0]):
        text = signer.sign("a")
    with context.use(two_tenants[1]), pytest.raises(BadSignature):
        signer.unsign(text)


def test_another_salt_is_another_signature(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        text = signing.dumps(1, salt="s")
        with pytest.raises(BadSignature):
            signing.loads(text, salt="t")


def test_a_salt_cannot_imitate_another_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    salts = [f"{acme.id.hex}:{acme.epoch}:s", f"{acme.id.hex}:{acme.epoch}", "s", f":{acme.id.hex}"]
    with context.use(acme):
        text = signing.dumps(1, salt="s")
    with context.use(globex):
        for salt in salts:
            with pytest.raises(BadSignature):
                signing.loads(text, salt=salt)


def test_a_signature_ends_after_its_age(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        with time_machine.travel("2026-01-01T00:00:00Z", tick=False):
            text = signing.dumps(1, salt="s")
        with time_machine.travel("2026-01-01T00:00:10Z", tick=False):
            assert signing.loads(text, salt="s", max_age=timedelta(seconds=10)) == 1
        with time_machine.travel("2026-01-01T00:00:11Z", tick=False), pytest.raises(SignatureExpired):
            signing.loads(text, salt="s", max_age=timedelta(seconds=10))


def test_identity_names_the_tenant_and_a_tenant_cannot_name_another(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.identity():
        text = signing.dumps(1, salt="s", tenant=acme)
        with pytest.raises(BadSignature):
            signing.loads(text, salt="s", tenant=globex)
    with context.use(acme):
        assert signing.loads(text, salt="s") == 1
        with pytest.raises(exceptions.WrongTenant):
            signing.dumps(1, salt="s", tenant=globex)


def test_the_epoch_is_read_from_the_row_once_when_use_was_not_told(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    statements: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    unknowing = Entry(id=acme.id, slug="", name="", state="", epoch="")
    with context.use(unknowing), connections["default"].execute_wrapper(note):
        assert [signing.scope() for _ in range(3)] == [f"{acme.id.hex}:{acme.epoch}"] * 3
    assert len(statements) == 1


def test_a_tenant_that_knows_its_epoch_costs_no_query(two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants

    def refuse(*_: Any) -> None:
        pytest.fail("it asked the database")

    with context.use(acme), connections["default"].execute_wrapper(refuse):
        assert signing.scope() == f"{acme.id.hex}:{acme.epoch}"


def test_a_tenant_without_an_epoch_cannot_be_named(two_tenants: TwoTenants) -> None:
    unknowing = Entry(id=two_tenants[0].id, slug="", name="", state="", epoch="")
    with pytest.raises(exceptions.NoTenant, match="epoch is not known"):
        signing.scope(unknowing)


def test_a_tenant_that_does_not_exist_signs_nothing(fresh_db: str) -> None:
    class Nobody:
        id: UUID = ids.new()

    with pytest.raises(Exception, match=r"does not exist|could not be entered"), context.use(Nobody()):
        signing.scope()


def test_a_signed_cookie_of_one_tenant_is_nothing_in_another(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    response = HttpResponse()
    with context.use(acme):
        response.set_signed_cookie("basket", "7")
    request = RequestFactory().get("/")
    request.COOKIES["basket"] = response.cookies["basket"].value
    with context.use(acme):
        assert request.get_signed_cookie("basket") == "7"
    with context.use(globex):
        assert request.get_signed_cookie("basket", default=None) is None


def test_a_restored_tenant_has_an_epoch_of_its_own(fresh_db: str, two_tenants: TwoTenants) -> None:
    with context.owner():
        made = lifecycle.add_rows("copy", name="Copy")
        epochs = set(Tenant.objects.values_list("epoch", flat=True))
    assert (len(epochs), len(made.epoch)) == (4, signing.EPOCH_LENGTH)
