"""New passwords: asked for by mail, chosen with a link that is good once, or changed by who knows the present one."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from allauth.account.models import EmailAddress
from allauth.account.utils import url_str_to_user_pk, user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from tenants import audit_log, context, ids, links, mail
from tenants.directory import Entry
from tenants.models import User
from tenants.people import devices, memberships, notices, throttle, tokens
from tenants.people import exceptions as errors

SPENT = "This link was used, has expired or is not whole. Ask for a new one."
PER_PERSON = throttle.Limit("reset", 5, timedelta(hours=1))
PER_NETWORK = throttle.Limit("reset-network", 50, timedelta(hours=1))


def ask(request: HttpRequest, tenant: Entry, email: str) -> None:
    """Mail a link to the member with this address. Whether there is one shows in nothing: not in the answer, nor in
    what the database is asked, since for nobody the same rows are written and taken back.

    Raises TooManyTries, CannotCount.
    """
    throttle.count(PER_NETWORK, throttle.address(request))
    throttle.count(PER_PERSON, email.strip())
    if not is_address(email.strip()):
        return
    user = User.objects.filter(email__iexact=email.strip()).first()
    member = memberships.by_user(user.pk if user else ids.new(), tenant)
    person = member.user if member else User(email=email.strip())
    context_now = context.current()
    with transaction.atomic(using=context_now.alias if context_now else None):
        _send(person, tenant)
        if member is None:
            transaction.set_rollback(True, using=context_now.alias if context_now else None)


def holder(tenant: Entry, key: str) -> User | None:
    """Return the member for whom key was made in this tenant, while it is good."""
    text, _, token = key.partition("-")
    try:
        user_id = url_str_to_user_pk(text)
    except (ValueError, ValidationError):
        return None
    member = memberships.by_user(user_id, tenant)
    return member.user if member and tokens.check(member.user, token, tenant) else None


def choose(tenant: Entry, key: str, password: str) -> None:
    """Set the password of who holds key. Ends all of their sessions, everywhere. Raises InvalidCode, BadPassword."""
    user = holder(tenant, key)
    if user is None:
        raise errors.InvalidCode(SPENT)
    check(password, user)
    replace(user, password)
    # They read a mail that went there.
    EmailAddress.objects.filter(user_id=user.pk, email__iexact=user.email).update(verified=True)
    audit_log.record(tenant.id, "password.reset", by=user)


def change(tenant: Entry, user: User, password: str, *, keep: str | None) -> None:
    """Set the password of who is signed in by the session `keep`; their other sessions end. Raises BadPassword."""
    check(password, user)
    replace(user, password, keep=keep)
    notices.tell(tenant, user, "password.changed", "The password was changed.")


def check(password: str, user: User) -> None:
    """Raise BadPassword, which says why, for one that is too weak."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise errors.BadPassword(" ".join(error.messages)) from error


def replace(user: User, password: str, *, keep: str | None = None) -> None:
    """Set a password and end the person's sessions; the row of the session `keep` stays, for who changes theirs."""
    user.set_password(password)
    devices.forget(user, keep=keep)


def _send(user: User, tenant: Entry) -> None:
    expires = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    key = f"{user_pk_to_url_str(user)}-{tokens.make(user, tenant)}"
    values: dict[str, Any] = {
        "link": links.absolute(f"/reset-password?key={quote(key)}", tenant),
        "expires": expires,
    }
    mail.send("reset_password", user.email, values, tenant=tenant)
    audit_log.record(tenant.id, "password.reset_asked", by=user)


def is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
