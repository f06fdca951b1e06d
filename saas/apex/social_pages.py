"""To a provider of the product and back, on the apex. Runs in no context: it speaks to other hosts."""

from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from saas import attempts
from saas.apex import pages
from saas.api import errors as api_errors
from tenants import context, exceptions, links
from tenants.people import exceptions as errors
from tenants.people import oidc, social, throttle

GOAL = "social_goal"
REFUSALS = (errors.SsoError, errors.TooManyTries, errors.CannotCount)


@never_cache
@require_GET
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the browser to the provider; what its answer must hold stays in this browser's session of the apex."""
    provider = _provider(provider_id)
    goal = pages.goal_of(request.GET.get("next", ""))
    try:
        throttle.count(throttle.SIGN_IN_PER_NETWORK, throttle.address(request))
        callback_url = links.apex(f"/social/{provider.id}/callback")
        attempt, target = oidc.begin(provider.client, tenant=social.MARK, redirect_uri=callback_url)
    except REFUSALS as error:
        return _refused(request, error, goal)
    attempts.keep(request, attempt)
    request.session[GOAL] = goal
    return pages.quietly(target)


@never_cache
@require_GET
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take the provider's answer once: the network first, then one short transaction that signs in."""
    provider = _provider(provider_id)
    goal = pages.goal_of(request.session.get(GOAL, ""))
    try:
        attempt = attempts.take(request, tenant=social.MARK)
        claims = oidc.finish(provider.client, attempt, code=request.GET.get("code", ""))
        with context.identity():
            owes_code = not _is_admitted(request, provider, claims)
    except IntegrityError:
        return _refused(request, errors.SsoError("Two sign-ins met. Start it again."), goal)
    except REFUSALS as error:
        return _refused(request, error, goal)
    if owes_code:
        return pages.show(request, "code", next=goal)
    request.session.pop(GOAL, None)
    return pages.go(request, goal)


def _is_admitted(request: HttpRequest, provider: social.Provider, claims: oidc.Claims) -> bool:
    """Whether the session began; False when a second factor is owed, where what was connected is kept."""
    try:
        social.admit(request, provider, claims)
    except errors.MfaRequired:
        return False
    return True


def _provider(provider_id: str) -> social.Provider:
    found = social.find(provider_id)
    if found is None:
        raise Http404
    return found


def _refused(request: HttpRequest, error: exceptions.TenancyError, goal: str) -> HttpResponse:
    status = api_errors.STATUS.get(error.code, 403)
    return pages.show(request, "sign_in", status=status, error=error, next=goal)
