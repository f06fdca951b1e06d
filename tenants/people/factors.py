"""The second factor of a person, on every host: whether one is wanted, and whether a code is right."""

from datetime import timedelta

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt

from tenants.models import User
from tenants.people import throttle

TRIES = throttle.Limit("second-factor", 5, timedelta(minutes=5))
COUNTER = "last_counter"  # the step of time whose code was used last: none of it or before is good again


def required(user: User) -> bool:
    """Whether the person has a second factor, so that a password alone does not sign them in. One query."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists())


def verify(user: User, code: str) -> str:
    """Return the type of factor that code fits, `totp` or `recovery_codes`, and use it up; "" when it fits none.

    Runs in `context.identity()` and locks the person's factors. Raises TooManyTries, CannotCount.
    """
    throttle.count(TRIES, str(user.pk))
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    rows = Authenticator.objects.select_for_update().filter(user_id=user.pk, type__in=kinds)
    for authenticator in rows.order_by("pk"):
        if _fits(authenticator, code):
            authenticator.record_usage()
            return str(authenticator.type)
    return ""


def _fits(authenticator: Authenticator, code: str) -> bool:
    if authenticator.type == Authenticator.Type.TOTP:
        return _fits_totp(authenticator, code)
    return bool(authenticator.wrap().validate_code(code))


def _fits_totp(authenticator: Authenticator, code: str) -> bool:
    """Like allauth's, which remembers used codes in a cache; the row remembers them here, also without one."""
    secret = decrypt(authenticator.data["secret"])
    for counter in totp.yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, counter))):
            if counter <= authenticator.data.get(COUNTER, 0):
                return False
            authenticator.data[COUNTER] = counter
            authenticator.save(update_fields=["data"])
            return True
    return False
