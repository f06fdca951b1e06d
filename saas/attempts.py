"""A sign-in at an OpenID provider that is under way: kept in the browser's session of one host, for one answer."""

import time

from django.http import HttpRequest

from tenants.people import exceptions as errors
from tenants.people import oidc

ATTEMPT = "sso_attempt"
ATTEMPT_SECONDS = 600


def keep(request: HttpRequest, attempt: oidc.Attempt) -> None:
    request.session[ATTEMPT] = attempt.as_dict()


def take(request: HttpRequest, *, tenant: str) -> oidc.Attempt:
    """Return the attempt that this answer belongs to, and forget it: an answer counts once.

    tenant is what the attempt was begun for. Raises ForgedAnswer, SsoError.
    """
    kept = request.session.get(ATTEMPT)
    if not kept:
        raise errors.ForgedAnswer("This browser has not started a sign-in here. Start it again.")
    attempt = oidc.Attempt(**kept)
    oidc.check_answer(
        attempt, state=request.GET.get("state", ""), issuer=request.GET.get("iss"), tenant=tenant
    )
    del request.session[ATTEMPT]  # not before: a forged answer shall not end a sign-in that is under way
    if time.time() - attempt.at > ATTEMPT_SECONDS:
        raise errors.ForgedAnswer("The sign-in took too long. Start it again.")
    if "error" in request.GET or not request.GET.get("code"):
        raise errors.SsoError("The identity provider did not sign you in. Start it again.")
    return attempt
