"""The pages of the apex host for people: sign-up, signing in, their tenants, the way into one of them."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.api import errors, security
from tenants import exceptions, links, provisioning
from tenants.models import Membership, User
from tenants.people import exceptions as refusals
from tenants.people import hop, openings, policy, signup, social, visitors

# A POST to /hop, or a sign-in on the way to one, says what the person wants; the way back from the tenant is a GET.
WANTED = "hop"
WANTED_SECONDS = 60
HOME, ACCOUNT = "/tenants", "/account"
FIELDS = {"invalid_slug": "slug", "slug_taken": "slug", "looks_taken": "slug"}
read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Show what this is. It looks for no session and needs no database."""
    return render(request, "apex/landing.html", {"host": settings.LEASEHOLD_APEX_HOST})


# Before there is a session that could hold a token, and a visit shall not make one: the origin is asked instead.
@csrf_exempt
@read_or_post
@never_cache
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return show(request, "sign_up")
    if security.is_foreign(request):
        return foreign()
    values = {name: request.POST.get(name, "") for name in ("email", "name", "tenant_name", "slug")}
    try:
        signup.start(request, password=request.POST.get("password", ""), **values)
    except exceptions.TenancyError as error:
        return show_refused(request, "sign_up", error, values=values)
    return redirect("/sign-up/sent")


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return show(request, "sent")


@csrf_exempt
@read_or_post
@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """Ask before anything is made: programs that look for evil follow links in mails."""
    token = (request.POST if request.method == "POST" else request.GET).get("token", "")
    pending = signup.find(token)
    values: dict[str, Any] = {
        "pending": pending,
        "token": token,
        "ask_password": pending is not None and not signup.is_here(request, pending),
    }
    if pending is None:
        return show_refused(request, "verify", refusals.SignUpExpired(), gone=True)
    if request.method != "POST":
        return show(request, "verify", **values)
    if security.is_foreign(request):
        return foreign()
    try:
        requested = signup.finish(request, token=token, password=request.POST.get("password", ""))
    except exceptions.TenancyError as error:
        return show_refused(
            request, "verify", error, gone=isinstance(error, refusals.SignUpExpired), **values
        )
    return redirect(f"/tenants/requests/{requested.id}")


@csrf_exempt
@read_or_post
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        goal = goal_of(request.GET.get("next", ""))
        return redirect(goal) if visitors.person(request) else show(request, "sign_in", next=goal)
    if security.is_foreign(request):
        return foreign()
    goal, email = goal_of(request.POST.get("next", "")), request.POST.get("email", "")
    try:
        visitors.sign_in(request, email=email, password=request.POST.get("password", ""))
    except refusals.MfaRequired:
        return show(request, "code", next=goal)
    except exceptions.TenancyError as error:
        return show_refused(request, "sign_in", error, email=email, next=goal)
    return go(request, goal)


@csrf_exempt
@require_POST
@never_cache
def give_code(request: HttpRequest) -> HttpResponse:
    if security.is_foreign(request):
        return foreign()
    goal = goal_of(request.POST.get("next", ""))
    try:
        visitors.give_code(request, request.POST.get("code", ""))
    except exceptions.InvalidCredentials as error:
        return show_refused(request, "sign_in", error, next=goal)
    except exceptions.TenancyError as error:
        return show_refused(request, "code", error, next=goal)
    return go(request, goal)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    visitors.sign_out(request)
    return redirect("/")


@require_safe
@never_cache
def tenants(request: HttpRequest) -> HttpResponse:
    person = visitors.person(request)
    if person is None:
        return redirect("/sign-in")
    return show(request, "tenants", **_belongings(person))


@require_POST
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Become a member of the tenant that takes people of one's domain."""
    return _become(request, lambda person: openings.join(person, slug))


@require_POST
def accept(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Accept an invitation that was sent to one's address."""
    return _become(request, lambda person: openings.accept(person, invitation_id))


def _become(request: HttpRequest, work: Callable[[User], Membership]) -> HttpResponse:
    person = visitors.person(request)
    if person is None:
        return redirect("/sign-in")
    try:
        work(person)
    except exceptions.TenancyError as error:
        return show_refused(request, "tenants", error, **_belongings(person))
    return redirect(HOME)


def _belongings(person: User) -> dict[str, Any]:
    return {
        "tenants": visitors.tenants(person),
        "requests": provisioning.unfinished(person),
        "openings": openings.of(person),
    }


@read_or_post
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    person = visitors.person(request)
    if person is None:
        return redirect("/sign-in")
    if request.method != "POST":
        return show(request, "new", values={"tenant_name": request.GET.get("tenant_name", "")[:200]})
    values = {name: request.POST.get(name, "") for name in ("tenant_name", "slug")}
    try:
        requested = signup.ask(person, name=values["tenant_name"], slug=values["slug"])
    except exceptions.TenancyError as error:
        return show_refused(request, "new", error, values=values)
    return redirect(f"/tenants/requests/{requested.id}")


@require_safe
@never_cache
def building(request: HttpRequest, request_id: UUID) -> HttpResponse:
    person = visitors.person(request)
    if person is None:
        return redirect("/sign-in")
    requested = get_object_or_404(provisioning.of(person), id=request_id)
    values: dict[str, Any] = {
        "requested": requested,
        "open": requested.state in ("requested", "running"),
        "taken": requested.error in ("slug_taken", "looks_taken", "invalid_slug"),
    }
    return show(request, "building", **values)


@read_or_post
@never_cache
def into(request: HttpRequest, slug: str) -> HttpResponse:
    """Take this browser to a tenant's host: the code goes to the host alone, by a redirect that nobody sees."""
    person = visitors.person(request)
    if person is None:
        here = {"next": request.get_full_path()} if request.method != "POST" else {}
        return redirect(f"/sign-in?{urlencode(here)}")
    given = request.POST if request.method == "POST" else request.GET
    binding, hostname = given.get("binding", ""), given.get("host", "")
    try:
        if not binding:
            return _begin(request, person, slug)
        hop.check(person, slug, hostname)
        if request.method == "POST" or _is_wanted(request, slug):
            methods = request.session.get(policy.METHODS, [])
            return quietly(hop.issue(person, slug, binding=binding, hostname=hostname, methods=methods))
    except exceptions.TenancyError as error:
        door = openings.of(person).by_domain
        return show_refused(
            request, "hop", error, slug=slug, door=door if door and door.slug == slug else None
        )
    return show(request, "hop", slug=slug, binding=binding, hostname=hostname)


def _begin(request: HttpRequest, person: User, slug: str) -> HttpResponse:
    """Send the browser to the tenant's host for its nonce, and remember for a moment that the person wants to go."""
    url = hop.start_url(person, slug)
    if request.method == "POST":
        request.session[WANTED] = [slug, int(time.time())]
    return quietly(url)


def _is_wanted(request: HttpRequest, slug: str) -> bool:
    """Whether the person has asked for this a moment ago; once."""
    wanted, at = request.session.pop(WANTED, None) or ("", 0)
    return wanted == slug and time.time() - at < WANTED_SECONDS


def quietly(url: str) -> HttpResponse:
    """Redirect to another host, which is not told from where, and have nobody keep the address."""
    answer = redirect(url)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def go(request: HttpRequest, goal: str) -> HttpResponse:
    """Go on after signing in; somebody who has just typed their password on the way to a tenant wants to get there."""
    if goal.startswith("/hop/"):
        request.session[WANTED] = [goal.removeprefix("/hop/").partition("?")[0], int(time.time())]
    return redirect(goal)


def goal_of(path: str) -> str:
    """Return where to go after signing in: a hop or the account, else the person's tenants; never another site."""
    inside = path == ACCOUNT or (links.PATH.fullmatch(path) and path.startswith("/hop/"))
    return path if inside else HOME


def show(request: HttpRequest, name: str, *, status: int = 200, **values: Any) -> HttpResponse:
    values |= {
        "host": settings.LEASEHOLD_APEX_HOST,
        "person": visitors.person(request),
        "providers": social.providers(),
    }
    return render(request, f"apex/{name}.html", values, status=status)


def show_refused(
    request: HttpRequest, name: str, error: exceptions.TenancyError, **values: Any
) -> HttpResponse:
    """Show the page again with what was wrong, under the status that the API gives it."""
    status = errors.STATUS.get(error.code)
    if status is None:
        raise error
    field = getattr(error, "field", "") or FIELDS.get(error.code, "")
    answer = show(request, name, status=status, error=error, field=field, **values)
    if isinstance(error, refusals.TooManyTries):
        answer["Retry-After"] = str(error.retry_after)
    return answer


def foreign() -> HttpResponse:
    return HttpResponse("Send this from a page of this host.", status=403, content_type="text/plain")
