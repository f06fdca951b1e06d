"""Signing in on the apex by a provider of the product: a real one in a process, and one that lies."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, User
from tenants.people import memberships, oidc, outbound, policy, sso
from tenants.people.sessions import PersonSessionStore
from tenants.testing import TenantClient
from tests import databases, factories, idp
from tests.saas.apex.conftest import Sent, new_browser
from tests.saas.apex.test_passkeys import enter
from tests.saas.test_sso_pages import begin as begin_there
from tests.saas.test_sso_pages import bring, prove

CLIENT_ID = "leasehold"
ADA = "ada@example.com"
START, CALLBACK = "/social/local/start", "/social/local/callback"


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    with idp.real() as issuer:
        yield issuer


@pytest.fixture
def liar() -> Iterator[idp.Liar]:
    with idp.Liar() as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_remembered(sent: Sent, tenant_db: None) -> None:
    oidc.documents.clear()


@pytest.fixture
def trust(settings: Any) -> Callable[[str], None]:
    """Return what makes an issuer a provider of the product."""

    def name(issuer: str, provider_id: str = "local") -> None:
        entry = {
            "id": provider_id,
            "name": provider_id.title(),
            "issuer": issuer,
            "client_id": CLIENT_ID,
            "secret": "s3cret",
        }
        settings.LEASEHOLD_SOCIAL_PROVIDERS = {**settings.LEASEHOLD_SOCIAL_PROVIDERS, provider_id: entry}

    return name


@pytest.fixture
def lie(liar: idp.Liar, trust: Any) -> Callable[..., Any]:
    """Return what signs a browser in with the claims that the liar is given."""
    trust(liar.issuer)

    def sign_in(browser: Client, **claims: Any) -> Any:
        asked = idp.query(begin(browser))
        liar.claims = {"email": ADA, "email_verified": True, "name": "Ada", **claims}
        liar.claims |= {"aud": CLIENT_ID, "nonce": asked["nonce"]}
        return browser.get(CALLBACK, {"code": "c", "state": asked["state"]})

    return sign_in


def begin(browser: Client, **query: str) -> str:
    answer = browser.get(START, query)
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def who(browser: Client) -> str:
    """Return the address of who is signed in, or ""."""
    answer = browser.get("/api/v1/session")
    return str(answer.json()["email"]) if answer.status_code == 200 else ""


def people(email: str = ADA) -> list[User]:
    with context.identity():
        return list(User.objects.filter(email=email))


def person(email: str = ADA, *, verified: bool = True) -> User:
    with context.identity():
        return factories.UserFactory(email=email, password=databases.PASSWORD, verified=verified)


def test_it_is_off_unless_it_is_configured() -> None:
    assert settings.LEASEHOLD_SOCIAL_PROVIDERS == {}
    for path in ("/sign-in", "/sign-up"):
        assert "/social/" not in new_browser().get(path).content.decode()
    for path in (START, CALLBACK):
        assert new_browser().get(path).status_code == 404


def test_a_new_person_comes_in_by_a_real_provider_and_comes_back(provider: str, trust: Any) -> None:
    trust(provider)
    idp.describe(provider, "n1", email="New@example.com", email_verified=True, name="New")
    browser = new_browser()
    for path in ("/sign-in", "/sign-up"):
        assert f'href="{START}' in browser.get(path).content.decode()
    target = begin(browser, next="/account")
    assert idp.query(target)["redirect_uri"] == f"http://localhost{CALLBACK}"
    answer = browser.get(CALLBACK, idp.consent(target, "n1"))
    assert (answer.status_code, answer["Location"]) == (302, "/account")
    assert who(browser) == "new@example.com"
    (made,) = people("new@example.com")
    with context.identity():
        assert not made.has_usable_password()
        assert EmailAddress.objects.get(user=made).verified
    idp.describe(provider, "n1", email="changed@example.com", email_verified=True)
    again = new_browser()
    assert again.get(CALLBACK, idp.consent(begin(again), "n1"))["Location"] == "/tenants"
    assert who(again) == "new@example.com", "a subject stays who it was"
    assert people("changed@example.com") == []


def test_a_known_person_is_connected_by_an_address_that_both_sides_verified(
    lie: Any, shop: Entry, sent: Sent
) -> None:
    ada = factories.member(shop, email=ADA, verified=True)
    browser = new_browser()
    assert lie(browser).status_code == 302
    assert who(browser) == ADA
    assert [(purpose, to) for purpose, to, _ in sent] == [("mfa_changed", ADA)]
    assert people() == [ada]
    with context.use(shop):
        assert AuditEntry.objects.filter(action="social.connected", actor=ADA).count() == 1
    assert lie(new_browser()).status_code == 302
    assert len(sent) == 1, "it is connected once"


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": None},
        {"email": "x"},
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_an_address_that_the_provider_has_not_verified_gets_nobody_in(
    lie: Any, claims: dict[str, Any], *, known: bool
) -> None:
    if known:
        person()
    browser = new_browser()
    answer = lie(browser, **claims)
    assert answer.status_code == 403
    assert 'role="alert"' in answer.content.decode()
    assert who(browser) == ""
    with context.identity():
        assert not SocialAccount.objects.exists()
        assert len(people()) == int(known)


def test_who_has_not_proven_the_address_here_is_not_connected(lie: Any) -> None:
    """Else whoever signed up with another's address would share what that person does here."""
    person(verified=False)
    browser = new_browser()
    assert lie(browser).status_code == 403
    assert who(browser) == ""
    with context.identity():
        EmailAddress.objects.update(verified=True)
    assert lie(browser).status_code == 302


def test_a_deactivated_person_is_not_let_in_connected_or_not(lie: Any) -> None:
    ada = person()
    assert lie(new_browser()).status_code == 302
    with context.identity():
        User.objects.filter(pk=ada.pk).update(deactivated_at=timezone.now())
    assert lie(new_browser()).status_code == 403
    assert lie(new_browser(), sub="another").status_code == 403


def test_a_provider_is_one_factor(lie: Any) -> None:
    ada = person()
    secret = factories.app(ada)
    browser = new_browser()
    answer = lie(browser)
    assert (answer.status_code, 'action="/sign-in/code"' in answer.content.decode()) == (200, True)
    assert who(browser) == ""
    assert browser.post("/sign-in/code", {"code": factories.code(secret)}).status_code == 302
    assert who(browser) == ADA
    session = PersonSessionStore(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    assert [one["method"] for one in session[policy.METHODS]] == ["social", "mfa"]


def test_a_tenant_that_enforces_its_own_provider_is_not_entered_by_another(
    lie: Any, liar: idp.Liar, shop: Entry, globex: Entry
) -> None:

    ada = factories.member(shop, email="ada@acme.example", verified=True)
    with context.identity():
        memberships.add(ada, globex, "viewer", by="test")
        sso.configure(shop, sso.Wish("https://idp.example", "c", "s", enforced=True), by="test")
    prove(shop, "acme.example")
    browser = new_browser()
    assert lie(browser, email="ada@acme.example").status_code == 302
    for tenant, status in ((globex, 302), (shop, 403)):
        there = TenantClient(tenant)
        asked = there.get("/hop/start")["Location"].partition("?")[2]
        browser.post(f"/hop/{tenant.slug}")  # says that the person wants to go
        link = browser.post(f"/hop/{tenant.slug}", idp.query(f"?{asked}"))["Location"]
        assert there.get(f"/hop/finish?{link.partition('?')[2]}").status_code == status


def test_an_answer_counts_once_in_its_own_browser_for_its_own_provider(
    provider: str, liar: idp.Liar, trust: Any
) -> None:
    trust(provider)
    trust(liar.issuer, "other")
    idp.describe(provider, "once", email="once@example.com", email_verified=True)
    browser, thief = new_browser(), new_browser()
    answer = idp.consent(begin(browser), "once")
    assert thief.get(CALLBACK, answer).status_code == 403
    begin(thief)
    assert thief.get(CALLBACK, answer).status_code == 403
    assert browser.get(CALLBACK, {**answer, "state": "forged"}).status_code == 403
    begin(browser)
    assert browser.get(CALLBACK, answer).status_code == 403, "of an attempt that was begun anew"
    answer = idp.consent(begin(browser), "once")
    assert browser.get("/social/other/callback", answer).status_code == 403
    assert liar.forms == [], "the code went to a provider that it does not belong to"
    answer = idp.consent(begin(browser), "once")
    assert browser.get(CALLBACK, answer).status_code == 302
    assert browser.get(CALLBACK, answer).status_code == 403
    assert who(thief) == ""


def test_a_forged_token_is_refused(lie: Any, liar: idp.Liar) -> None:
    browser = new_browser()
    for lies in ({"iss": "https://accounts.example"}, {"exp": 1}, {"sub": ""}, {"sub": "s" * 192}):
        assert lie(browser, **lies).status_code == 403
    liar.token = "x"
    assert lie(browser).status_code == 403
    liar.token = None
    assert people() == []
    assert lie(browser, sub="s" * 191).status_code == 302


def test_an_answer_for_a_tenant_s_host_is_nothing_on_the_apex(
    liar: idp.Liar, trust: Any, shop: Entry
) -> None:

    trust(liar.issuer)
    bring(shop, liar.issuer)
    asked = idp.query(begin_there(TenantClient(shop)))
    browser = new_browser()
    begin(browser)
    assert browser.get(CALLBACK, {"code": "c", "state": asked["state"]}).status_code == 403
    assert liar.forms == []


def test_no_transaction_waits_for_the_provider(lie: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    entered = []
    ask = outbound._ask

    def watch(*args: Any, **kwargs: Any) -> Any:
        entered.append(context.current())
        return ask(*args, **kwargs)

    monkeypatch.setattr(outbound, "_ask", watch)
    assert lie(new_browser()).status_code == 302
    assert entered == [None] * 3, "discovery, token, keys"


def test_after_signing_in_nobody_is_sent_to_another_place(lie: Any, liar: idp.Liar) -> None:
    for goal in ("https://evil.example", "//evil.example", "/sign-out"):
        browser = new_browser()
        browser.get(START, {"next": goal})
        asked = idp.query(begin(browser, next=goal))
        liar.claims = {"email": ADA, "email_verified": True, "aud": CLIENT_ID, "nonce": asked["nonce"]}
        answer = browser.get(CALLBACK, {"code": "c", "state": asked["state"]})
        assert (answer.status_code, answer["Location"]) == (302, "/tenants")


def test_a_provider_that_is_away_is_told(trust: Any) -> None:
    trust("http://localhost:1")
    answer = new_browser().get(START)
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (502, True)


def test_an_account_is_disconnected_by_its_person_alone(lie: Any, globex: Entry) -> None:
    ada = person()
    assert lie(new_browser()).status_code == 302
    with context.identity():
        account = str(SocialAccount.objects.get(user=ada).pk)
    outsider = enter(factories.member(globex, password=databases.PASSWORD))
    assert "Disconnect" not in outsider.get("/account").content.decode()
    outsider.post("/account/accounts/disconnect", {"id": account})
    browser = enter(ada)
    assert 'aria-label="Disconnect Local"' in browser.get("/account").content.decode()
    browser.post("/account/accounts/disconnect", {"id": account})
    assert "Disconnect" not in browser.get("/account").content.decode()
    assert new_browser().post("/account/accounts/disconnect")["Location"] == "/sign-in?next=/account"
