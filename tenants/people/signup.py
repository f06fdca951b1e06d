"""Signing up on the apex: an address is proven first, then person and tenant are made; runs in `context.identity()`."""

import hashlib
import re
import secrets
import unicodedata
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.utils import timezone

from tenants import exceptions, links, mail, provisioning, tasks
from tenants.models import Credential, PendingSignUp, TenantRequest, User
from tenants.people import exceptions as errors
from tenants.people import throttle, visitors

LIFE = timedelta(hours=24)
TOKEN_BYTES = 32
EMAIL_LENGTH = 254
NAME_LENGTH = 200
# Where the session of the browser that signed up remembers it: there the link alone is enough.
REMEMBERED = "sign_up"
PER_ADDRESS = throttle.Limit("sign-up", 3, timedelta(hours=1))
PER_NETWORK = throttle.Limit("sign-up-network", 20, timedelta(hours=1))
PER_TOKEN = throttle.Limit("verify", 5, timedelta(minutes=15))
VERIFY_PER_NETWORK = throttle.Limit("verify-network", 60, timedelta(minutes=15))
LOOK_PER_NETWORK = throttle.Limit("slug-network", 60, timedelta(minutes=1))
TENANTS_PER_PERSON = throttle.Limit("tenants", 10, timedelta(days=1))
SUGGESTIONS = 9
SLUG_LENGTH = 41
BACKWARDS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def start(
    request: HttpRequest, *, email: str, password: str, tenant_name: str, slug: str, name: str = ""
) -> None:
    """Mail a link that proves the address. The answer is the same for an address that somebody has already.

    Raises InvalidSignUp, InvalidSlug, SlugTaken, TooManyTries, CannotCount.
    """
    email = check_address(email)
    throttle.count(PER_NETWORK, throttle.address(request))
    throttle.count(PER_ADDRESS, email)
    pending = PendingSignUp(
        email=email,
        name=_line(name, "name", blank=True),
        tenant_name=_line(tenant_name, "tenant_name"),
        slug=slug,
    )
    provisioning.refuse_taken(slug)
    check_password_is_good(password, User(email=email, name=pending.name))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    known = _is_known(email)
    now = timezone.now()
    PendingSignUp.objects.filter(expires_at__lt=now).delete()
    # Of a known address as well, so that neither time nor session tells; that row is void from its first moment.
    pending.digest, pending.password_hash = _digest(token), make_password(password)
    pending.requested_at, pending.expires_at = now, now if known else now + LIFE
    pending.save(force_insert=True)
    request.session[REMEMBERED] = str(pending.id)
    # Nothing that was typed gets into the mail: it goes to an address that somebody else may have typed.
    if known:
        mail.send("sign_up_known_address", email, {"link": links.apex("/sign-in")})
    else:
        mail.send(
            "verify_email",
            email,
            {"link": links.apex(f"/verify?token={token}"), "expires": pending.expires_at},
        )


def finish(request: HttpRequest, *, token: str, password: str = "") -> TenantRequest:
    """Make the person whose address is proven, sign them in on the apex, and ask for their tenant.

    In another browser than the one that signed up, the password is asked for as well: who typed an address that is not
    theirs must not get an account that its owner confirmed. Raises SignUpExpired, PasswordRequired,
    InvalidCredentials, TooManyTries, CannotCount.
    """
    throttle.count(VERIFY_PER_NETWORK, throttle.address(request))
    pending = find(token)
    if pending is None:
        raise errors.SignUpExpired()
    if not is_here(request, pending):
        if not password:
            raise errors.PasswordRequired()
        throttle.count(PER_TOKEN, str(pending.id))
        if not check_password(password, pending.password_hash):
            raise exceptions.InvalidCredentials("This is not the password that was chosen at sign-up.")
    user = _make_person(pending)
    requested = TenantRequest.objects.create(requested_by=user, slug=pending.slug, name=pending.tenant_name)
    tasks.hurry(requested.id)
    request.session.pop(REMEMBERED, None)
    visitors.start(request, user, method="password")
    return requested


def ask(user: User, *, name: str, slug: str) -> TenantRequest:
    """Ask for one more tenant of a person. Raises InvalidSignUp, InvalidSlug, SlugTaken, TooManyTries, CannotCount."""
    throttle.count(TENANTS_PER_PERSON, str(user.pk))
    requested = provisioning.ask(user, slug=slug, name=_line(name, "tenant_name"))
    tasks.hurry(requested.id)
    return requested


def find(token: str) -> PendingSignUp | None:
    """Return the sign-up that a token proves, as long as it lives."""
    return PendingSignUp.objects.filter(digest=_digest(token), expires_at__gt=timezone.now()).first()


def is_here(request: HttpRequest, pending: PendingSignUp) -> bool:
    """Whether this browser is the one that signed up."""
    return bool(request.session.get(REMEMBERED) == str(pending.id))


def is_free(request: HttpRequest, slug: str) -> bool:
    """Whether a slug may be chosen; what it says no to is taken or no slug. Raises TooManyTries, CannotCount."""
    throttle.count(LOOK_PER_NETWORK, throttle.address(request))
    return _is_free(slug)


def suggest(request: HttpRequest, name: str) -> str:
    """Return a free slug that is made of a name, or "" when none comes to mind. Raises TooManyTries, CannotCount."""
    throttle.count(LOOK_PER_NETWORK, throttle.address(request))
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-").lstrip("0123456789-")[: SLUG_LENGTH - 2].strip("-")
    choices = [stem, *(f"{stem}-{n}" for n in range(2, SUGGESTIONS + 1))] if stem else []
    return next(filter(_is_free, choices), "")


def check_address(email: str) -> str:
    """Return an address as it is stored. Raises InvalidSignUp."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise errors.InvalidSignUp("This is no e-mail address.", field="email") from error
    if len(email) > EMAIL_LENGTH:
        raise errors.InvalidSignUp("This e-mail address is too long.", field="email")
    return email


def check_password_is_good(password: str, user: User) -> None:
    """Raise InvalidSignUp for a password that the installation's validators refuse."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise errors.InvalidSignUp(" ".join(error.messages), field="password") from error


def _make_person(pending: PendingSignUp) -> User:
    deleted, _ = PendingSignUp.objects.filter(id=pending.id).delete()
    if not deleted or _is_known(pending.email):
        raise errors.SignUpExpired()
    PendingSignUp.objects.filter(email=pending.email).delete()
    user = User.objects.create(email=pending.email, name=pending.name)
    Credential.objects.create(user=user, password_hash=pending.password_hash)
    EmailAddress.objects.create(user=user, email=pending.email, verified=True, primary=True)
    return user


def _is_known(email: str) -> bool:
    as_person = User.objects.filter(email__iexact=email).exists()
    return EmailAddress.objects.filter(email__iexact=email, verified=True).exists() or as_person


def _is_free(slug: str) -> bool:
    try:
        provisioning.refuse_taken(slug)
    except (exceptions.InvalidSlug, exceptions.SlugTaken):
        return False
    return True


def _line(text: str, field: str, *, blank: bool = False) -> str:
    text = " ".join(text.split())
    if not text and not blank:
        raise errors.InvalidSignUp("This is empty.", field=field)
    if len(text) > NAME_LENGTH:
        raise errors.InvalidSignUp(f"This is longer than {NAME_LENGTH} characters.", field=field)
    if any(unicodedata.category(c) in ("Cc", "Cs") or c in BACKWARDS for c in text):
        raise errors.InvalidSignUp("This holds characters that nobody sees.", field=field)
    return text


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
