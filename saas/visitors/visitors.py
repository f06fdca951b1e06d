"""Visitors: come as a guest, sign up and in, change the password, close. How often one may try is the API's to say."""

from functools import partial

from django.contrib.auth import hashers
from django.db import IntegrityError, router, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils import timezone

from saas.visitors import exceptions, ids, values
from saas.visitors.models import Visitor


def guest() -> Visitor:
    """Return a new visitor without address and password."""
    return Visitor.objects.create()


def sign_up(*, email: str, password: str, guest: Visitor | None = None) -> Visitor:
    """Return a new visitor, or guest with address and password from now on; what the guest's tokens say ends.

    Raises InvalidEmail, InvalidPassword, NotAGuest, and AddressUnavailable for an address that a visitor has.
    Whoever asks learns that much: only a mail to the address could tell them less. It takes as long as a success.
    """
    fields = {"email": values.email(email), "password": hashers.make_password(values.password(password))}
    try:
        with transaction.atomic(using=router.db_for_write(Visitor)):
            return Visitor.objects.create(**fields) if guest is None else _promote(guest, fields)
    except IntegrityError as error:
        if "visitors_visitor_email_unique" not in str(error):
            raise
        raise exceptions.AddressUnavailable from None


def sign_in(*, email: str, password: str) -> Visitor:
    """Return the visitor of address and password. Raises InvalidCredentials.

    An unknown address costs one hash as a known one does, so that the time tells nothing.
    """
    password = password if values.is_text(password) else ""
    visitor = _of(email)
    if visitor is None:
        hashers.make_password(password)
        raise exceptions.InvalidCredentials
    if not hashers.check_password(password, visitor.password, setter=partial(_rehash, visitor)):
        raise exceptions.InvalidCredentials
    Visitor.objects.filter(pk=visitor.pk).update(last_seen_at=timezone.now())
    return visitor


def change_password(visitor: Visitor, *, current: str, new: str) -> None:
    """Give visitor a new password; every token of theirs ends. Raises InvalidCredentials, InvalidPassword."""
    if not values.is_text(current) or not hashers.check_password(current, visitor.password):
        raise exceptions.InvalidCredentials
    _renew(visitor, password=hashers.make_password(values.password(new)))


def close(visitor: Visitor) -> None:
    """End visitor, who can neither sign in nor use a token any more; the address may sign up anew.

    The row stays: orders and posts point at it. Raises VisitorChanged when it is closed already.
    """
    _renew(visitor, email=None, password="", verified_at=None, closed_at=timezone.now())


def _promote(visitor: Visitor, fields: dict[str, str]) -> Visitor:
    changed = Visitor.objects.filter(pk=visitor.pk, password="", closed_at=None).update(
        **fields, epoch=ids.new()
    )
    if not changed:
        raise exceptions.NotAGuest
    visitor.refresh_from_db()
    return visitor


def _renew(visitor: Visitor, **fields: object) -> None:
    """Change visitor and its epoch, unless somebody else did since it was read. Raises VisitorChanged."""
    rows = Visitor.objects.filter(pk=visitor.pk, epoch=visitor.epoch, closed_at=None)
    if not rows.update(**fields, epoch=ids.new()):
        raise exceptions.VisitorChanged
    visitor.refresh_from_db()


def _of(email: str) -> Visitor | None:
    try:
        address = values.email(email)
    except exceptions.InvalidEmail:
        return None
    rows = Visitor.objects.alias(address=Lower("email")).filter(address=Lower(Value(address)))
    return rows.filter(closed_at=None).exclude(password="").first()


def _rehash(visitor: Visitor, password: str) -> None:
    """Keep the hash that today's settings make of the same password; the tokens stay."""
    Visitor.objects.filter(pk=visitor.pk).update(password=hashers.make_password(password))
