"""Mails that a tenant's people would get, and the links in them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tenants import audit_log, context, mail
from tenants.directory import Entry
from tenants.models import AuditEntry, User
from tenants.testing import TenantClient


@dataclass(frozen=True)
class Mail:
    purpose: str
    to: str
    values: dict[str, Any]


Outbox = Callable[[Entry], list[Mail]]


@pytest.fixture
def outbox(monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """Return what lists the mails of a tenant. They are rows, so that what was rolled back was not sent."""

    def send(purpose: str, to: str, values: dict[str, Any], *, tenant: Entry) -> None:
        kept = {"purpose": purpose, "to": to, "values": {name: str(value) for name, value in values.items()}}
        audit_log.record(tenant.id, "test.mail", by="test", after=kept)

    def read(tenant: Entry) -> list[Mail]:
        with context.use(tenant):
            rows = AuditEntry.objects.filter(action="test.mail").order_by("at")
            return [Mail(**row.after) for row in rows if row.after]

    monkeypatch.setattr(mail, "send", send)
    return read


@pytest.fixture
def reset_key(outbox: Outbox) -> Callable[[Entry, User], str]:
    """Return what asks for a new password of a person and reads the key from the mail."""

    def ask(tenant: Entry, user: User) -> str:
        TenantClient(tenant).post("/reset-password", {"email": user.email})
        link = next(one for one in reversed(outbox(tenant)) if one.purpose == "reset_password").values["link"]
        return str(parse_qs(urlsplit(link).query)["key"][0])

    return ask
