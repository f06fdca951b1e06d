"""The page for people of a tenant's own e-mail domain: who joins is in, who may not is told, alike for everybody."""

from typing import Any

import pytest
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, EmailDomain, Membership, Role, User
from tenants.testing import TenantClient
from tests import databases, factories
from tests.saas.api.conftest import FindTenant

FORM = {"email": "ada@acme.example", "password": databases.PASSWORD}


@pytest.fixture
def shop(tenant: FindTenant) -> Entry:
    found = tenant("acme")
    with context.identity():
        EmailDomain.objects.create(
            tenant_id=found.id,
            domain="acme.example",
            token="t",
            join_role=Role.EDITOR,
            verified_at=timezone.now(),
        )
        factories.UserFactory(verified=True, **FORM)
    return found


def join(client: TenantClient, **more: Any) -> Any:
    return client.post("/join", FORM, **more)


def test_the_sign_in_page_leads_there_and_who_joins_is_signed_in(shop: Entry) -> None:
    browser = TenantClient(shop)
    assert 'href="/join"' in browser.get("/").content.decode()
    page = browser.get("/join").content.decode()
    assert page.count("<h1>") == 1
    assert page.count("<label") == 2
    assert join(browser)["Location"] == "/"
    assert browser.get("/api/v1/me").json()["role"] == "editor"


def test_who_has_an_app_is_asked_for_its_code(shop: Entry) -> None:
    with context.identity():
        user = User.objects.get(email=FORM["email"])
    factories.app(user)
    browser = TenantClient(shop)
    assert join(browser)["Location"] == "/sign-in/code"
    assert browser.get("/api/v1/me").status_code == 401


def test_who_may_not_join_is_told_and_recorded(shop: Entry, globex: Entry) -> None:
    browser = TenantClient(globex)
    answer = join(browser)
    assert answer.status_code == 403
    assert 'role="alert"' in answer.content.decode()
    assert databases.PASSWORD not in answer.content.decode()
    with context.use(globex):
        assert AuditEntry.objects.filter(action="access.refused", subject="join").count() == 1
    assert join(TenantClient(shop), headers={"origin": "https://evil.example"}).status_code == 403
    with context.identity():
        assert not Membership.objects.filter(user__email=FORM["email"]).exists()
