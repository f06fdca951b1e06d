"""A member sets up second factors and takes them away; each change is recorded and mailed to them. As `identity`.

Without a tenant it was done on the apex.
"""

import base64
from io import BytesIO

import qrcode
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from qrcode.image.svg import SvgPathImage

from tenants.models import User
from tenants.people import exceptions as errors
from tenants.people import factors, notices
from tenants.signing import HasEpoch


def add_app(tenant: HasEpoch, user: User, secret: str, code: str) -> list[str]:
    """Keep the secret of an authenticator app; return new recovery codes. Raises InvalidCode."""
    codes = factors.set_up(user, secret, code)
    if codes is None:
        raise errors.InvalidCode("The code is wrong. Look at the app again: it changes every 30 seconds.")
    notices.tell(tenant, user, "factor.added", "An authenticator app was added.")
    return codes


def remove(tenant: HasEpoch | None, user: User, factor_id: str) -> bool:
    """Take a second factor away, with the last one the recovery codes too. False when the person has no such one."""
    mine = Authenticator.objects.filter(user_id=user.pk)
    chosen = mine.exclude(type=factors.RECOVERY).filter(pk=int(factor_id) if factor_id.isdecimal() else 0)
    if not chosen.delete()[0]:
        return False
    if not factors.required(user):
        mine.delete()
    notices.tell(tenant, user, "factor.removed", "A second factor was removed.")
    return True


def new_recovery_codes(tenant: HasEpoch | None, user: User) -> list[str]:
    """Return new recovery codes; the former ones are worth nothing any more."""
    Authenticator.objects.filter(user_id=user.pk, type=factors.RECOVERY).delete()
    codes = RecoveryCodes.activate(user).get_unused_codes()
    notices.tell(tenant, user, "factor.renewed", "New recovery codes were made.")
    return list(codes)


def picture(text: str) -> str:
    """Return text as a QR code: the address of an SVG image that needs no request."""
    drawn = BytesIO()
    qrcode.make(text, image_factory=SvgPathImage).save(drawn)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode('ascii')}"
