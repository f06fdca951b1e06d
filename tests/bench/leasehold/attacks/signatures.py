"""What a tenant signed: tokens, reset tokens, links to files, of A on B and of A after its epoch was rotated."""

import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

from allauth.account.utils import user_pk_to_url_str
from django.core import signing as django_signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tenants import context, exceptions, signing
from tenants.models import Tenant as Tenants
from tenants.models import User
from tenants.people import memberships, tokens
from tests.bench.harness import OURS, Passes, Run, Tenant, attack
from tests.bench.leasehold import staff
from tests.bench.leasehold.attacks.tokens import browser, sign_in
from tests.bench.leasehold.side import PASSWORD, Entry, Side
from tests.bench.web import site
from tests.bench.web.site import Site

SALT = "bench"
SETTLED_SECONDS = 2.5  # every process knows a new epoch within 2 s
numbers = itertools.count()


@attack("signed token of A on B", tries=600, quick=60, sides=(OURS,), passes=Passes.REFUSED)
def signed(run: Run) -> None:
    """Sign a canary in A by every signer that Django offers, and read it in B."""

    def work(tries: int, rng: random.Random) -> None:
        for _ in range(tries):
            a, b = rng.sample(list(run.side.tenants), 2)
            make, read = rng.choice(SIGNERS)
            with run.enter(a):
                token = make(a.canary)
            with run.tally.attempt(b) as found:
                with found.hostile("signed elsewhere"), run.enter(b):
                    found.saw(read(token), "signed elsewhere")
                with run.enter(b):
                    found.saw(read(make(b.canary)), "its own")

    run.threads(4, work)


Signer = tuple[Callable[[str], str], Callable[[str], Any]]
SIGNERS: list[Signer] = [
    (lambda text: signing.dumps(text, salt=SALT), lambda token: signing.loads(token, salt=SALT)),
    (
        lambda text: signing.dumps(text * 9, salt=SALT, compress=True),
        lambda token: signing.loads(token, salt=SALT),
    ),
    (
        lambda text: signing.Signer(salt=SALT).sign(text),
        lambda token: signing.Signer(salt=SALT).unsign(token),
    ),
    (
        lambda text: signing.TimestampSigner(salt=SALT).sign_object(text),
        lambda token: signing.TimestampSigner(salt=SALT).unsign_object(token),
    ),
    # What SIGNING_BACKEND gives to Django's own code, signed cookies among it.
    (
        lambda text: django_signing.get_cookie_signer(salt=SALT).sign(text),
        lambda token: django_signing.get_cookie_signer(salt=SALT).unsign(token),
    ),
]


@attack("password-reset token of A on B", tries=300, quick=20, sides=(OURS,), passes=Passes.REFUSED)
def reset(run: Run) -> None:
    """A person's token of one tenant proves nothing in another, although the person is the same."""

    def work(tries: int, rng: random.Random) -> None:
        for _ in range(tries):
            a, b = rng.sample(list(run.side.tenants), 2)
            with run.enter(a):
                person = User.objects.get(id=a.facts["user"])
                token = tokens.make(person)
            with run.tally.attempt(a) as found:
                with found.hostile("reset"), run.enter(b):
                    if not tokens.check(person, token):
                        raise exceptions.InvalidCredentials
                    found.leaks.append("the token of another tenant was good")
                with run.enter(a):
                    found.saw(person.email if tokens.check(person, token) else "", "its own")

    run.threads(4, work)


@attack("reset link of A on B", tries=120, quick=12, sides=(OURS,), passes=Passes.REFUSED)
def reset_links(run: Run) -> None:
    """The person is a member of both and the link is fresh; on B's host it opens nothing, and sets no password."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        email, key = _member_of_both(a, b)
        with run.tally.attempt(a) as found:
            page = f"/reset-password?key={key}"
            form = urlencode({"key": key, "password": "a password of the attacker"}).encode()
            kind = ("Content-Type", "application/x-www-form-urlencoded")
            bent = ("X-Forwarded-Host", a.host)
            for reply in (
                web.ask(b, page),
                web.ask(b, page, headers=[bent]),
                web.ask(b, "/reset-password", method="POST", headers=[kind, bent], body=form),
            ):
                # The page shows B's public name; what counts is the status and what follows.
                if reply.status != 403:
                    found.leaks.append(f"status {reply.status}")
                found.error = f"status {reply.status}"
            if sign_in(web, b, email, "a password of the attacker").status != 401:
                found.leaks.append("the password was set")
            entered = sign_in(web, a, email, PASSWORD)
            assert entered.status == 200, entered
            session = [("Cookie", f"{name}={value}") for name, value in entered.cookies().items()]
            found.saw(bytes(web.ask(a, "/api/v1/products", headers=session)), "its own host")
            assert web.ask(a, page).status == 200, "the link is good at home"

    site.each(run, 4, work)


def _member_of_both(a: Tenant, b: Tenant) -> tuple[str, str]:
    """Make a person who is a member of both; return their address and the key of a reset link of a."""
    with context.identity():
        person = User.objects.create_user(f"reset{next(numbers)}.{a.slug}@example.com", password=PASSWORD)
        for tenant in (a, b):
            memberships.add(person, Entry(tenant), "viewer", by="bench")
        return (
            person.email,
            f"{user_pk_to_url_str(person)}-{tokens.make(person, Tenants.objects.get(id=a.id))}",
        )


@contextmanager
def _file(run: Run, tenant: Tenant) -> Iterator[str]:
    """Keep a file that holds the canary, and yield the link to it."""
    with run.enter(tenant):
        name = default_storage.save("report.txt", ContentFile(tenant.canary.encode()))
        link = default_storage.url(name)
    try:
        yield link
    finally:
        with run.enter(tenant):
            default_storage.delete(name)


@attack("link to a file of A on B", tries=400, quick=24, sides=(OURS,), passes=Passes.REFUSED)
def links(run: Run) -> None:
    """Ask B for A's link, as it is and bent towards A's folder."""
    web = site.of(run)

    def work(rng: random.Random) -> None:
        a, b = rng.sample(list(run.side.tenants), 2)
        with run.tally.attempt(a) as found, _file(run, a) as link:
            folder = a.id.replace("-", "")
            token = link.rpartition("/")[2]
            target = rng.choice(
                [
                    link,
                    f"{link}?tenant={folder}",
                    f"/files/{folder}%2freport.txt",
                    f"/files/..%2f{folder}%2freport.txt",
                    f"/files/{quote(quote('../' + folder + '/report.txt'))}",
                    f"/files/{token.swapcase()}",
                    f"/files/{token}%00",
                ]
            )
            site.saw(found, web.ask(b, target, headers=site.bearer(b)), target)
            found.saw(bytes(web.ask(a, link)), "its own")

    site.each(run, 4, work)


@attack(
    "names of files that lead to another tenant", tries=300, quick=24, sides=(OURS,), passes=Passes.REFUSED
)
def names(run: Run) -> None:
    """Open and write by names that climb out of B's folder."""

    def work(tries: int, rng: random.Random) -> None:
        for _ in range(tries):
            a, b = rng.sample(list(run.side.tenants), 2)
            folder = a.id.replace("-", "")
            climb = rng.choice(
                (
                    "../{}/x.txt",
                    "y/../../{}/x.txt",
                    "/{}/x.txt",
                    "..\\{}\\x.txt",
                    "%2e%2e/{}/x.txt",
                    "./../{}/x.txt",
                    "..//{}/x.txt",
                )
            ).format(folder)
            with run.tally.attempt(b) as found:
                with run.enter(a):
                    mine = default_storage.save("x.txt", ContentFile(a.canary.encode()))
                bent = climb.replace("x.txt", mine)
                with found.hostile("climbed"), run.enter(b), default_storage.open(bent) as file:
                    found.saw(file.read(), "climbed")
                with run.enter(b):
                    own = default_storage.save("x.txt", ContentFile(b.canary.encode()))
                    with default_storage.open(own) as file:
                        found.saw(file.read(), "its own")

    run.threads(4, work)


@attack("what was signed before a rotation", tries=120, quick=0, sides=(OURS,), passes=Passes.REFUSED)
def rotated(run: Run) -> None:
    """Keep everything that members of a tenant hold, rotate its epoch, and show it again; only the key is still good."""
    web = site.of(run)
    slugs = [f"rotating-{next(numbers)}" for _ in range(3)]
    tenants = [Tenant(**made) for made in staff.call("create", slugs=slugs)]
    run.tally.score.made += [tenant.as_json() for tenant in tenants]
    inner = Run(Side(tenants), 1)
    kept = {tenant: _hold(inner, web, tenant) for tenant in tenants}
    staff.call("rotate", slugs=slugs)
    time.sleep(SETTLED_SECONDS)
    for n in range(run.tries):
        tenant = tenants[n % len(tenants)]
        with run.tally.attempt(tenant) as found:
            target, headers = kept[tenant][n // len(tenants) % len(kept[tenant])]
            site.saw(found, web.ask(tenant, target, headers=headers), target)
            if found.seen:
                found.leaks.append(f"still good: {target} {headers}")
            found.saw(bytes(web.ask(tenant, "/api/v1/products", headers=site.bearer(tenant))), "by key")


Held = list[tuple[str, list[tuple[str, str]]]]


def _hold(run: Run, web: Site, tenant: Tenant) -> Held:
    """Return what was good before, each as a request that was answered."""
    page = web.ask(tenant, "/api/v1/products?limit=2", headers=site.bearer(tenant)).json()
    cookie, _ = browser(web, tenant)
    with run.enter(tenant):
        name = default_storage.save("report.txt", ContentFile(tenant.canary.encode()))
        link = default_storage.url(name)
    held: Held = [
        ("/api/v1/products", site.cookie(tenant)),
        ("/api/v1/me", [("Cookie", cookie)]),
        (f"/api/v1/products?cursor={page['next']}", site.bearer(tenant)),
        (link, site.bearer(tenant)),
    ]
    for target, headers in held:
        assert web.ask(tenant, target, headers=headers).status == 200, target
    return held
