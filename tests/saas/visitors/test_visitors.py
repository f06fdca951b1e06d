"""Guests become visitors, visitors come back, and whoever is closed does not."""

from typing import Any

import pytest
from django.contrib.auth import hashers
from django.db import IntegrityError

from saas.visitors import exceptions, visitors
from saas.visitors.models import Visitor
from tenants import context
from tenants.directory import Entry

TwoTenants = tuple[Entry, Entry]
PASSWORD, OTHER = "correct horse battery", "staple staple staple"


@pytest.fixture
def ann(acme: Entry) -> Visitor:
    return visitors.sign_up(email="ann@example.com", password=PASSWORD)


def test_a_guest_becomes_a_visitor_under_the_same_id_and_another_epoch(acme: Entry) -> None:
    guest = visitors.guest()
    before = guest.epoch
    assert guest.is_guest
    ann = visitors.sign_up(email=" ann@example.com ", password=PASSWORD, guest=guest)
    assert (ann.pk, ann.email, ann.is_guest) == (guest.pk, "ann@example.com", False)
    assert ann.epoch != before
    assert PASSWORD not in ann.password
    assert Visitor.objects.count() == 1


def test_who_has_signed_up_or_is_gone_is_no_guest(acme: Entry, ann: Visitor) -> None:
    gone = visitors.guest()
    visitors.close(gone)
    for visitor in (ann, gone, Visitor()):
        with pytest.raises(exceptions.NotAGuest):
            visitors.sign_up(email="bob@example.com", password=PASSWORD, guest=visitor)
    ann.refresh_from_db()
    assert ann.email == "ann@example.com"


@pytest.mark.parametrize("email", ["ann@example.com", "ANN@Example.COM"])
def test_an_address_signs_up_once(acme: Entry, ann: Visitor, email: str) -> None:
    guest = visitors.guest()
    for again in (None, guest):
        with pytest.raises(exceptions.AddressUnavailable):
            visitors.sign_up(email=email, password=PASSWORD, guest=again)
    assert Visitor.objects.get(pk=guest.pk).is_guest


def test_another_tenant_s_address_is_free_and_its_visitor_unknown(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        ann = visitors.sign_up(email="ann@example.com", password=PASSWORD)
    with context.use(globex):
        with pytest.raises(exceptions.InvalidCredentials):
            visitors.sign_in(email="ann@example.com", password=PASSWORD)
        with pytest.raises(exceptions.NotAGuest):
            visitors.sign_up(email="new@example.com", password=PASSWORD, guest=Visitor(pk=ann.pk))
        assert visitors.sign_up(email="ann@example.com", password=OTHER).pk != ann.pk
    with context.use(acme):
        assert visitors.sign_in(email="ann@example.com", password=PASSWORD).pk == ann.pk


def test_another_constraint_is_no_matter_of_the_address(acme: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saas.visitors.values.email", lambda _: "nobody")
    with pytest.raises(IntegrityError, match="email_format"):
        visitors.sign_up(email="nobody", password=PASSWORD)


def test_a_visitor_signs_in_whatever_the_capitals_and_is_seen(acme: Entry, ann: Visitor) -> None:
    assert ann.last_seen_at is None
    assert visitors.sign_in(email=" ANN@example.com", password=PASSWORD).pk == ann.pk
    ann.refresh_from_db()
    assert ann.last_seen_at is not None


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ann@example.com", OTHER),
        ("ann@example.com", ""),
        ("ann@example.com", "x" * 5_000),
        ("ann@example.com", "\ud800"),
        ("nobody@example.com", PASSWORD),
        ("guest", ""),
        ("", ""),
        ("\x00@example.com", PASSWORD),
    ],
)
def test_what_does_not_fit_is_one_refusal_after_one_hash(
    acme: Entry, ann: Visitor, monkeypatch: pytest.MonkeyPatch, email: str, password: str
) -> None:
    visitors.guest()
    hashed: list[Any] = []
    hasher = type(hashers.get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *args: hashed.append(args) or encode(*args))
    with pytest.raises(exceptions.InvalidCredentials) as refused:
        visitors.sign_in(email=email, password=password)
    assert str(refused.value) == "E-mail address or password is wrong."
    assert len(hashed) == 1


def test_a_hash_of_former_settings_is_renewed_and_the_tokens_stay(
    acme: Entry, ann: Visitor, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert visitors.sign_in(email="ann@example.com", password=PASSWORD).epoch == ann.epoch
    ann.refresh_from_db()
    assert ann.password.startswith("pbkdf2_sha256$")


def test_a_new_password_begins_a_new_epoch(acme: Entry, ann: Visitor) -> None:
    before = ann.epoch
    visitors.change_password(ann, current=PASSWORD, new=OTHER)
    assert ann.epoch != before
    with pytest.raises(exceptions.InvalidCredentials):
        visitors.sign_in(email="ann@example.com", password=PASSWORD)
    assert visitors.sign_in(email="ann@example.com", password=OTHER).epoch == ann.epoch


def test_a_password_is_changed_by_who_knows_it_into_a_good_one(acme: Entry, ann: Visitor) -> None:
    with pytest.raises(exceptions.InvalidCredentials):
        visitors.change_password(ann, current=OTHER, new=OTHER)
    with pytest.raises(exceptions.InvalidPassword):
        visitors.change_password(ann, current=PASSWORD, new="short")
    with pytest.raises(exceptions.InvalidCredentials):
        visitors.change_password(visitors.guest(), current="", new=OTHER)
    assert visitors.sign_in(email="ann@example.com", password=PASSWORD).epoch == ann.epoch


def test_of_two_changes_of_one_row_the_later_is_refused(acme: Entry, ann: Visitor) -> None:
    same = Visitor.objects.get(pk=ann.pk)
    visitors.change_password(ann, current=PASSWORD, new=OTHER)
    with pytest.raises(exceptions.VisitorChanged):
        visitors.change_password(same, current=PASSWORD, new="another one of these")
    with pytest.raises(exceptions.VisitorChanged):
        visitors.close(same)
    visitors.sign_in(email="ann@example.com", password=OTHER)


def test_who_is_closed_stays_out_and_leaves_the_address(acme: Entry, ann: Visitor) -> None:
    before = ann.epoch
    visitors.close(ann)
    assert (ann.email, ann.password) == (None, "")
    assert ann.closed_at is not None
    assert ann.epoch != before
    with pytest.raises(exceptions.InvalidCredentials):
        visitors.sign_in(email="ann@example.com", password=PASSWORD)
    with pytest.raises(exceptions.VisitorChanged):
        visitors.close(ann)
    assert visitors.sign_up(email="ann@example.com", password=PASSWORD).pk != ann.pk


def test_a_visitor_does_as_themselves_what_concerns_them(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        guest, bob = visitors.guest(), visitors.sign_up(email="bob@example.com", password=PASSWORD)
    with context.use(two_tenants[0], actor=guest.pk):
        with pytest.raises(exceptions.VisitorChanged):
            visitors.close(Visitor(pk=bob.pk, epoch=bob.epoch))
        with pytest.raises(exceptions.AddressUnavailable):
            visitors.sign_up(email="bob@example.com", password=PASSWORD, guest=guest)
        ann = visitors.sign_up(email="ann@example.com", password=PASSWORD, guest=guest)
        visitors.change_password(ann, current=PASSWORD, new=OTHER)
        visitors.close(ann)
    with context.use(two_tenants[0]):
        assert Visitor.objects.filter(closed_at=None).get().pk == bob.pk
