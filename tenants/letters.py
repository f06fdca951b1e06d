"""What each mail says: its purposes, the values that each takes, and the rendered subject, text and HTML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template import Context, engines
from django.utils import timezone

from tenants import exceptions

# A name of a tenant or a person is quoted in a mail; one that is a page long is not a name.
QUOTED_CHARACTERS = 200
WHOLE = frozenset({"link", "code"})


@dataclass(frozen=True, slots=True)
class Purpose:
    """The values that a mail must and may be given. one_of: at least one of these."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()

    def accepts(self, names: frozenset[str]) -> bool:
        enough = self.required <= names and (not self.one_of or bool(self.one_of & names))
        return enough and names <= self.required | self.optional | self.one_of


def _purpose(required: str = "", optional: str = "", one_of: str = "") -> Purpose:
    return Purpose(*(frozenset(names.split()) for names in (required, optional, one_of)))


PURPOSES: dict[str, Purpose] = {
    "invitation": _purpose("inviter tenant_name role link expires"),
    "verify_email": _purpose("expires", one_of="link code"),
    "reset_password": _purpose("link expires"),
    "sign_up_known_address": _purpose(optional="link"),
    "new_sign_in": _purpose(optional="at ip_address browser tenant_name link"),
    "mfa_changed": _purpose(optional="change at link"),
    "key_created": _purpose(optional="key_name created_by tenant_name expires link"),
    "ownership_transferred": _purpose("tenant_name", "former_owner new_owner link"),
    "impersonation_started": _purpose("tenant_name operator reason", "until link"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered mail."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Order:
    """A mail that is asked for: JSON values only, already checked by `order`."""

    purpose: str
    to: str
    values: Mapping[str, str] = field(default_factory=dict)


def order(purpose: str, to: str, values: Mapping[str, Any]) -> Order:
    """Return the order of a mail. Raises UnknownMail.

    A datetime becomes text in UTC, everything else one line; None counts as not given. Only links that begin with
    http:// or https:// pass.
    """
    given = {name: _line(name, value) for name, value in values.items() if value is not None}
    known = PURPOSES.get(purpose)
    if known is None or not known.accepts(frozenset(given)):
        raise exceptions.UnknownMail(
            f"No mail {purpose!r} is sent with {', '.join(sorted(given)) or 'no values'}."
        )
    if "link" in given and urlsplit(given["link"]).scheme not in ("http", "https"):
        raise exceptions.UnknownMail(f"The link of a mail {purpose!r} is no address of a site.")
    return Order(purpose, to, given)


def render(purpose: str, values: Mapping[str, str], *, sender: str) -> Letter:
    """Return the mail; values are escaped in HTML, and the subject is one line."""
    context = {**values, "sender": sender, "product": product()}
    subject = _rendered(f"mail/{purpose}.subject.txt", context, escaped=False)
    text = _rendered(f"mail/{purpose}.txt", context, escaped=False)
    html = _rendered(f"mail/{purpose}.html", {**context, "subject": " ".join(subject.split())}, escaped=True)
    return Letter(" ".join(subject.split()), _tidy(text), html.strip() + "\n")


def product() -> str:
    """Return the product's name: the one that stands before the address of DEFAULT_FROM_EMAIL."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or "Leasehold"


def _rendered(name: str, values: Mapping[str, str], *, escaped: bool) -> str:
    template = engines["django"].get_template(name).template  # type: ignore[attr-defined]
    rendered: str = template.render(Context(dict(values), autoescape=escaped))
    return rendered


def _line(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        aware = value if timezone.is_aware(value) else value.replace(tzinfo=UTC)
        return f"{aware.astimezone(UTC):%d %B %Y, %H:%M} UTC".removeprefix("0")
    # Whoever names a tenant must not write paragraphs of their own into a mail that comes from us.
    text = " ".join(re.sub(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]", " ", str(value)).split())
    return text if name in WHOLE else text[:QUOTED_CHARACTERS]


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n"
