"""What of allauth has no setting and is replaced when a process starts; a name that is gone stops the start."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as code_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn import forms as passkey_forms
from allauth.mfa.webauthn.internal import auth as webauthn

from tenants import caching, exceptions
from tenants.people import adapter, factors, passkeys, throttle

READERS = (
    "parse_authentication_response",
    "parse_registration_response",
    "extract_user_from_response",
    "complete_authentication",
    "complete_registration",
)


def fit() -> None:
    """Have allauth count in the shared cache, use each code of an app once, and take passkeys of this host alone."""
    # A person's tries count in all tenants together, and `identity` has no tenant that a key could name.
    _replace(ratelimit, "cache", caching.shared)
    for forms in (code_forms, totp_forms, passkey_forms):
        _replace(forms, "check_rate_limit", _count_try)
    _replace(totp.TOTP, "validate_code", _validate_code)
    _replace(totp.TOTP, "activate", classmethod(_activate))
    _replace(webauthn, "get_server", passkeys.server)
    for name in READERS:
        _replace(webauthn, name, _refusing_nonsense(getattr(webauthn, name, None)))


def _count_try(user: Any, *_: Any, **__: Any) -> Callable[[], None]:
    """Count a try of a second factor, for codes of the app, recovery codes and passkeys together."""
    try:
        throttle.count(factors.TRIES, str(user.pk))
    except exceptions.TenancyError as error:
        adapter.refuse(error)
    return lambda: None


def _validate_code(self: Any, code: str) -> bool:
    return factors.use_totp(self.instance, code)


_former_activate = totp.TOTP.activate.__func__


def _activate(cls: type[Any], user: Any, secret: str) -> Any:
    made = _former_activate(cls, user, secret)
    factors.use_up_now(made.instance)
    return made


def _refusing_nonsense(read: Any) -> Any:
    """Have what is no credential at all be a wrong one, and not an error of ours."""

    @wraps(read)
    def guarded(*arguments: Any) -> Any:
        try:
            return read(*arguments)
        except (AttributeError, KeyError, TypeError) as error:
            raise get_adapter().validation_error("incorrect_code") from error

    return guarded


def _replace(owner: Any, name: str, value: Any) -> None:
    if not hasattr(owner, name):
        raise AttributeError(
            f"allauth has no {owner.__name__}.{name} any more: look where it went, and fit that."
        )
    setattr(owner, name, value)
