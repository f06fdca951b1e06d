"""allauth's names that we replace are still there, and ours stand in their places."""

from types import SimpleNamespace

import pytest
from allauth.core.internal import ratelimit
from allauth.mfa.base import forms as code_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn import forms as passkey_forms
from allauth.mfa.webauthn.internal import auth as webauthn

from tenants import caching
from tenants.people import fitting, passkeys


def test_ours_are_in_place() -> None:
    assert ratelimit.cache is caching.shared
    assert webauthn.get_server is passkeys.server
    assert totp.TOTP.validate_code is fitting._validate_code
    counted = [forms.check_rate_limit for forms in (code_forms, totp_forms, passkey_forms)]
    assert counted == [fitting._count_try] * 3


def test_a_name_that_is_gone_stops_the_start() -> None:
    with pytest.raises(AttributeError, match=r"totp_auth\.cache"):
        fitting._replace(SimpleNamespace(__name__="totp_auth"), "cache", None)
