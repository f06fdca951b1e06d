"""Mails that a tenant's people would get, the links in them, and a browser that opens them."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers import basehttp
from django.db import connections

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


@pytest.fixture
def address() -> Iterator[str]:
    """Serve tenants' hosts on a port of this machine; yield `:port`."""
    server = basehttp.ThreadedWSGIServer(("127.0.0.1", 0), basehttp.WSGIRequestHandler)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f":{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A browser with an authenticator of its own in it."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop in this thread
    sync_api = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Debian's chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_context().new_page()
        page.set_default_timeout(20_000)
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield page
        connections.close_all()  # those of this loop, which nothing outside of it can see
        browser.close()
