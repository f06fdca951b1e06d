"""Second factors: one-time codes of an app and recovery codes, kept by allauth's model, their secrets encrypted.

Runs in `context.identity()` for members and in `context.operator()` for operators; each sees its own people alone.
"""

import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.utils import timezone

from tenants import vault
from tenants.models import User
from tenants.people import passkeys, throttle

ISSUER = "Leasehold"
TRIES = throttle.Limit("second-factor", 5, timedelta(minutes=5))
PURPOSE = "tenants.people.factors"
TOTP, RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES
STEP = "last_step"  # of the newest code that was used: it and all before it are worth nothing any more


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Has allauth keep no secret in the clear (setting MFA_ADAPTER)."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return ISSUER

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return passkeys.relying_party(allauth_context.request)


def encrypt(text: str) -> str:
    """Return text encrypted with a key that only processes with SECRET_KEY can derive."""
    return vault.cipher(PURPOSE).encrypt(text.encode()).decode("ascii")


def decrypt(text: str) -> str:
    """Return what `encrypt` made. Raises cryptography's InvalidToken when SECRET_KEY was another one."""
    return vault.cipher(PURPOSE).decrypt(text.encode("ascii")).decode()


def required(user: User) -> bool:
    """Whether the person has set up a second factor, so that a password alone does not let them in."""
    return bool(Authenticator.objects.filter(user=user).exclude(type=RECOVERY).exists())


def new_secret() -> str:
    """Return a secret for an authenticator app; nothing is kept until `set_up`."""
    return str(totp.generate_totp_secret())


def address(user: User, secret: str) -> str:
    """Return the otpauth address that an authenticator app reads from a QR code."""
    label = quote(f"{ISSUER}:{user.email}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


def set_up(user: User, secret: str, code: str) -> list[str] | None:
    """Keep the secret when code proves that the app has it; return new recovery codes, or None for a wrong code."""
    step = _step(secret, code)
    if step is None:
        return None
    Authenticator.objects.filter(user=user, type__in=[TOTP, RECOVERY]).delete()
    Authenticator.objects.create(user=user, type=TOTP, data={"secret": encrypt(secret), STEP: step})
    return list(RecoveryCodes.activate(user).get_unused_codes())


def forget(user: User) -> None:
    """Delete every factor of the person: a password alone lets them in until they set up another."""
    Authenticator.objects.filter(user=user).delete()


def verify(user: User, code: str) -> str:
    """Return the type of factor that code fits, `totp` or `recovery_codes`, and use it up; "" when it fits none.

    A code counts once. Locks the person's factors. Raises TooManyTries, CannotCount.
    """
    throttle.count(TRIES, str(user.pk))
    found = Authenticator.objects.select_for_update().filter(user_id=user.pk, type__in=[TOTP, RECOVERY])
    return next((str(factor.type) for factor in found.order_by("pk") if _accepts(factor, code)), "")


def use_totp(factor: Any, code: str) -> bool:
    """Whether code is the app's, of a step of time that was not used before; it is used now."""
    locked = Authenticator.objects.select_for_update().filter(pk=factor.pk).first()
    return locked is not None and _accepts(locked, code)


def use_up_now(factor: Any) -> None:
    """Have the code with which an app was just set up be worth nothing more."""
    factor.data[STEP] = max(totp.yield_hotp_counters_from_time())
    factor.save(update_fields=["data"])


def _accepts(factor: Any, code: str) -> bool:
    accepted = _is_new_step(factor, code) if factor.type == TOTP else _is_unused(factor, code)
    if accepted:
        factor.last_used_at = timezone.now()
        factor.save(update_fields=["data", "last_used_at"])
    return accepted


def _is_new_step(factor: Any, code: str) -> bool:
    step = _step(decrypt(factor.data["secret"]), code)
    if step is None or step <= factor.data.get(STEP, 0):
        return False
    factor.data[STEP] = step
    return True


def _is_unused(factor: Any, code: str) -> bool:
    """allauth's own `validate_code` opens a transaction of the alias `default`, which the console does not hold."""
    for number, one in enumerate(RecoveryCodes(factor).generate_codes()):
        if hmac.compare_digest(_plain(code), one.encode()) and not factor.data["used_mask"] & (1 << number):
            factor.data["used_mask"] |= 1 << number
            return True
    return False


def _step(secret: str, code: str) -> int | None:
    """Return the step of time whose code this is, of those that are near enough to now."""
    for step in totp.yield_hotp_counters_from_time():
        expected = totp.format_hotp_value(totp.hotp_value(secret, step))
        if hmac.compare_digest(_plain(code), expected.encode()):
            return int(step)
    return None


def _plain(code: str) -> bytes:
    """Return a code as it is compared: apps show it in groups, people type it with spaces or hyphens."""
    return "".join(code.split()).replace("-", "").encode()
