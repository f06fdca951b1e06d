"""A forgotten password on the apex, where a person is of no tenant: the link leads there, once. As `identity`."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from allauth.account.models import EmailAddress
from allauth.account.utils import url_str_to_user_pk, user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from tenants import context, links, mail
from tenants.models import User
from tenants.people import exceptions as errors
from tenants.people import notices, passwords, throttle, tokens, visitors


def ask(request: HttpRequest, email: str) -> None:
    """Mail a link to the person with this address. Nobody can tell whether there is one: see `passwords.ask`.

    Raises TooManyTries, CannotCount.
    """
    email = email.strip()
    throttle.count(passwords.PER_NETWORK, throttle.address(request))
    throttle.count(passwords.PER_PERSON, email)
    if not passwords.is_address(email):
        return
    user = User.objects.filter(email__iexact=email, deactivated_at__isnull=True).first()
    entered = context.current()
    alias = entered.alias if entered else None
    with transaction.atomic(using=alias):
        _send(user or User(email=email))
        if user is None:
            transaction.set_rollback(True, using=alias)


def holder(key: str) -> User | None:
    """Return the person for whom key was made on the apex, while it is good."""
    text, _, token = key.partition("-")
    try:
        user_id = url_str_to_user_pk(text)
    except (ValueError, ValidationError):
        return None
    user = User.objects.filter(pk=user_id, deactivated_at__isnull=True).first()
    return user if user and _generator().check_token(user, token) else None


def choose(key: str, password: str) -> None:
    """Set the password of who holds key. Ends all of their sessions, everywhere. Raises InvalidCode, BadPassword."""
    user = holder(key)
    if user is None:
        raise errors.InvalidCode(passwords.SPENT)
    passwords.check(password, user)
    passwords.replace(user, password)
    EmailAddress.objects.filter(user_id=user.pk, email__iexact=user.email).update(verified=True)
    notices.record_everywhere(user, "password.reset")


def _send(user: User) -> None:
    key = f"{user_pk_to_url_str(user)}-{_generator().make_token(user)}"
    values: dict[str, Any] = {
        "link": links.apex(f"/reset-password?key={quote(key)}"),
        "expires": timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
    }
    mail.send("reset_password", user.email, values)


def _generator() -> tokens.TokenGenerator:
    """Return what makes tokens of the apex; those of tenants' hosts are none of them, and the other way round."""
    return tokens.TokenGenerator(visitors.SCOPE)
