"""Single sign-on in a browser: to the tenant's provider and back. Runs in no context."""

from urllib.parse import urlsplit

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from saas import attempts
from saas.api import security
from tenants import context, exceptions, links
from tenants.people import exceptions as errors
from tenants.people import oidc, sso


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider; what its answer must hold stays in this browser's session of this host."""
    tenant = security.tenant(request)
    try:
        with context.identity():
            client, callback = sso.client_of(tenant), links.absolute("/sso/callback", tenant)
            home = links.absolute("/sso/start", tenant)
        # The provider knows one address to come back to, and cookies are a host's own.
        if urlsplit(home).hostname != request.get_host().partition(":")[0].lower():
            return redirect(home)
        attempt, target = oidc.begin(client, tenant=tenant.id.hex, redirect_uri=callback)
    except errors.SsoError as error:
        return _refused(request, error)
    attempts.keep(request, attempt)
    return redirect(target)


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer once: the network first, then one short transaction that signs in."""
    tenant = security.tenant(request)
    try:
        attempt = attempts.take(request, tenant=tenant.id.hex)
        with context.identity():
            client = sso.client_of(tenant)
        claims = oidc.finish(client, attempt, code=request.GET.get("code", ""))
        with context.identity():
            sso.admit(request, tenant, claims)
    except IntegrityError:
        return _refused(request, errors.SsoError("Two sign-ins met. Start it again."))
    except (errors.SsoError, errors.SeatsTaken, exceptions.Refused) as error:
        return _refused(request, error)
    return redirect("/")


def _refused(request: HttpRequest, error: Exception) -> HttpResponse:
    return render(
        request, "tenant/sso_refused.html", {"tenant": security.tenant(request), "error": error}, status=403
    )
