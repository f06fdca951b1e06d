"""Passkeys on the apex: to sign in with, to add and to take away. As `identity`.

One that is made there serves the apex, and each host below it where browsers allow that (`passkeys.is_registrable`).
One that is made on a tenant's custom domain is good on that domain alone.
"""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from tenants import exceptions
from tenants.models import User
from tenants.people import enrolment, factors, notices, policy, throttle, visitors
from tenants.people import exceptions as errors

NAME_LENGTH = 100
FRESH_SECONDS = 300
NO_USE = "This passkey opens nothing here. Use another way to sign in."


def challenge(request: HttpRequest) -> dict[str, Any]:
    """Return what a browser needs to sign in with a passkey of this host. Raises TooManyTries, CannotCount."""
    throttle.count(throttle.SIGN_IN_PER_NETWORK, throttle.address(request))
    options: dict[str, Any] = webauthn.begin_authentication()
    return options


def sign_in(request: HttpRequest, credential: Any) -> User:
    """Start a session of the apex for whose passkey signed this browser's challenge: two factors in one.

    Raises InvalidCredentials, TooManyTries, CannotCount.
    """
    throttle.count(throttle.SIGN_IN_PER_NETWORK, throttle.address(request))
    try:
        webauthn.parse_authentication_response(credential)
        user: User = webauthn.extract_user_from_response(credential)
        passkey = webauthn.complete_authentication(user, credential)
    except ValidationError as error:
        raise exceptions.InvalidCredentials(NO_USE) from error
    if not user.is_active:
        raise exceptions.InvalidCredentials(NO_USE)
    passkey.last_used_at = timezone.now()
    passkey.save(update_fields=["last_used_at"])
    request.session.pop(visitors.HALFWAY, None)
    visitors.start(request, user, method="mfa", type=str(passkey.type))
    return user


def of(user: User) -> list[Authenticator]:
    """Return the person's second factors but for recovery codes, oldest first."""
    found = Authenticator.objects.filter(user_id=user.pk).exclude(type=factors.RECOVERY)
    return list(found.order_by("created_at", "pk"))


def begin(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return what a browser needs to make a passkey. Raises ReauthenticationRequired."""
    require_fresh(request)
    options: dict[str, Any] = webauthn.begin_registration(user, passwordless=True)
    return options


def add(request: HttpRequest, user: User, *, name: str, credential: Any) -> Authenticator:
    """Keep a passkey that this browser made for `begin`. Raises ReauthenticationRequired, InvalidCode."""
    require_fresh(request)
    try:
        webauthn.parse_registration_response(credential)
        made = webauthn.complete_registration(credential)
    except ValidationError as error:
        raise errors.InvalidCode("This is no answer to what was asked. Begin again.") from error
    if not made.is_user_verified():
        raise errors.InvalidCode("The device did not ask who you are. Set a PIN or a fingerprint up on it.")
    name = " ".join(name.split())[:NAME_LENGTH] or "My passkey"
    passkey: Authenticator = webauthn.WebAuthn.add(user, name, credential).instance
    if not Authenticator.objects.filter(user_id=user.pk, type=factors.RECOVERY).exists():
        RecoveryCodes.activate(user)
    notices.tell(None, user, "factor.added", "A passkey was added.")
    return passkey


def remove(request: HttpRequest, user: User, factor_id: str) -> bool:
    """Take a second factor away. False when the person has no such one. Raises ReauthenticationRequired."""
    require_fresh(request)
    return enrolment.remove(None, user, factor_id)


def new_recovery_codes(request: HttpRequest, user: User) -> list[str]:
    """Return new recovery codes, none without a second factor. Raises ReauthenticationRequired."""
    require_fresh(request)
    return enrolment.new_recovery_codes(None, user) if factors.required(user) else []


def require_fresh(request: HttpRequest) -> None:
    """Raise ReauthenticationRequired unless the person has just proven who they are."""
    if not is_fresh(request):
        raise errors.ReauthenticationRequired()


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person has signed in within the last FRESH_SECONDS."""
    methods = request.session.get(policy.METHODS) or ()
    return any(time.time() - one.get("at", 0) < FRESH_SECONDS for one in methods)
