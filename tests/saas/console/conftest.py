"""A browser of the operators' console on a database of its own, where sessions and changes are really committed."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from tenants import context
from tenants.models import Operator, OperatorRole, Tenant, User
from tests import databases

SETTINGS = {
    "ROOT_URLCONF": "saas.urls_console",
    "MIDDLEWARE": settings.CONSOLE_MIDDLEWARE,
    "SESSION_ENGINE": "tenants.people.operator_sessions",
    "SESSION_COOKIE_NAME": "console_session",
    "ALLOWED_HOSTS": ["localhost"],
    # As in a process of the console.
    "SIGNING_BACKEND": "django.core.signing.TimestampSigner",
    "CSRF_USE_SESSIONS": False,
    "LEASEHOLD_CONSOLE_MFA": False,  # test_factor.py is about it
}


class Browser(Client):
    """Signs in through the form, and knows a tenant's buttons."""

    def __init__(self) -> None:
        super().__init__(headers={"host": "localhost"})

    def sign_in(self, email: str, password: str = databases.PASSWORD) -> Any:
        return self.post("/login/?next=/", {"username": email, "password": password})

    def press(self, action: str, *tenants: Tenant, **fields: str) -> Any:
        """Run an action of the list of tenants, and follow to the page that says what happened."""
        chosen = [str(tenant.pk) for tenant in tenants]
        return self.post(
            "/tenants/tenant/",
            {"action": action, "_selected_action": chosen, "index": "0", **fields},
            follow=True,
        )


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def console(fresh_db: str) -> Iterator[Browser]:
    """Serve the console in this process; it may still hold other logins, so test_console.py watches them."""
    with override_settings(**SETTINGS):
        yield Browser()


@pytest.fixture
def operator(console: Browser) -> User:
    """An operator who has signed in."""
    with context.owner():
        person = User.objects.create_user("dana@leasehold.example", name="Dana", password=databases.PASSWORD)
        Operator.objects.create(user=person, role=OperatorRole.ADMIN)
    assert console.sign_in(person.email).status_code == 302
    return person


@pytest.fixture
def tenants(fresh_db: str) -> Callable[..., Any]:
    """Return what reads a tenant's row again by its slug."""

    def find(slug: str) -> Tenant:
        with context.operator():
            return Tenant.objects.get(slug=slug)

    return find


@pytest.fixture
def statements(console: Browser, operator: User) -> Callable[[str], int]:
    """Return what counts the statements of a page."""

    def count(path: str) -> int:
        console.get(path)  # what is cached for good is not counted
        with CaptureQueriesContext(connections["console"]) as captured:
            response = console.get(path)
        assert response.status_code == 200
        return len(captured)

    return count


def pages(console: Browser) -> list[str]:
    """Return the links of the menu, of which there are all pages of the console."""
    text = console.get("/").content.decode()
    found = re.findall(r'href="(/(?:tenants|billing)/\w+/)"', text)
    return ["/", *dict.fromkeys(found)]
