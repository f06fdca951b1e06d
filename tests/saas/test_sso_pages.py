"""The whole way to a provider and back: a real provider in a process, and one that lies."""

import base64
import copy
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from allauth.account.models import EmailAddress
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils import timezone

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, EmailDomain, Membership, Role, SsoAccount, User
from tenants.people import memberships, oidc, sso
from tenants.testing import TenantClient
from tests import databases, factories, idp
from tests.tenants.people.test_memberships import seats

ME = "/api/v1/me"
CLIENT_ID = "leasehold"


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    with idp.real() as issuer:
        yield issuer


@pytest.fixture
def liar() -> Iterator[idp.Liar]:
    with idp.Liar() as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    oidc.documents.clear()


@pytest.fixture
def acme(tenant: Callable[[str], Entry]) -> Entry:
    """Without a context entered: a request enters its own."""
    return tenant("acme")


def prove(tenant: Entry, domain: str) -> EmailDomain:
    with context.identity():
        now = timezone.now()
        return EmailDomain.objects.create(tenant_id=tenant.id, domain=domain, token="t", verified_at=now)


def bring(tenant: Entry, issuer: str, **wish: Any) -> None:
    with context.identity():
        values = {"secret": "s3cret", "jit": True, **wish}
        sso.configure(tenant, sso.Wish(issuer, CLIENT_ID, **values), by="tests")


def begin(browser: TenantClient) -> str:
    answer = browser.get("/sso/start")
    assert answer.status_code == 302, answer.content
    return answer["Location"]


def sign_in(browser: TenantClient, subject: str) -> Any:
    return browser.get("/sso/callback", idp.consent(begin(browser), subject))


def lie(browser: TenantClient, liar: idp.Liar, make: Callable[[dict[str, str]], str] | None = None) -> Any:
    """Start a sign-in, have the liar answer with what make returns, and come back."""
    asked = idp.query(begin(browser))
    liar.claims |= {"aud": CLIENT_ID, "nonce": asked["nonce"]}
    liar.token = make(asked) if make else None
    return browser.get("/sso/callback", {"code": "c", "state": asked["state"]})


def is_in(browser: TenantClient) -> bool:
    return browser.get(ME).status_code == 200


def members(tenant: Entry, email: str) -> list[Membership]:
    with context.identity():
        return list(Membership.objects.filter(tenant_id=tenant.id, user__email=email))


# The way in


def test_a_new_person_of_a_proven_domain_becomes_a_member_by_signing_in(acme: Entry, provider: str) -> None:
    prove(acme, "acme.example")
    bring(acme, provider, default_role="editor")
    idp.describe(provider, "new1", email="new@acme.example", email_verified=True, name="New")
    browser = TenantClient(acme)
    answer = sign_in(browser, "new1")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    me = browser.get(ME).json()
    assert "new@acme.example" in str(me)
    assert [row.role for row in members(acme, "new@acme.example")] == ["editor"]
    with context.identity():
        assert not User.objects.get(email="new@acme.example").has_usable_password()
    with context.use(acme):
        actions = AuditEntry.objects.filter(actor="new@acme.example").values_list("action", flat=True)
        assert {"sso.linked", "membership.added", "session.started"} <= set(actions)


def test_a_tenant_whose_seats_are_taken_says_so_and_makes_nobody(acme: Entry, provider: str) -> None:
    prove(acme, "acme.example")
    bring(acme, provider)
    idp.describe(provider, "late", email="late@acme.example", email_verified=True)
    browser = TenantClient(acme)
    with seats(0):
        answer = sign_in(browser, "late")
    assert (answer.status_code, is_in(browser)) == (403, False)
    assert "All seats of the tenant are taken" in answer.content.decode()
    with context.identity():
        assert not User.objects.filter(email="late@acme.example").exists()
    assert sign_in(browser, "late").status_code == 302, "once there is room"


def test_without_just_in_time_membership_only_members_come_in(acme: Entry, provider: str) -> None:
    prove(acme, "acme.example")
    bring(acme, provider, jit=False)
    person = factories.member(acme, Role.VIEWER, email="member@acme.example")
    idp.describe(provider, "m1", email="Member@acme.example", email_verified=True)
    idp.describe(provider, "m2", email="stranger@acme.example", email_verified=True)
    browser, stranger = TenantClient(acme), TenantClient(acme)
    assert sign_in(browser, "m1").status_code == 302
    assert is_in(browser)
    assert sign_in(stranger, "m2").status_code == 403
    assert not is_in(stranger)
    with context.identity():
        assert list(SsoAccount.objects.values_list("user_id", "subject")) == [(person.pk, "m1")]
        assert not User.objects.filter(email="stranger@acme.example").exists()


def test_a_subject_stays_the_same_person_when_its_address_changes_at_the_provider(
    acme: Entry, provider: str
) -> None:
    prove(acme, "acme.example")
    bring(acme, provider)
    idp.describe(provider, "same", email="before@acme.example", email_verified=True)
    assert sign_in(TenantClient(acme), "same").status_code == 302
    idp.describe(provider, "same", email="owner@acme.example", email_verified=True)
    browser = TenantClient(acme)
    assert sign_in(browser, "same").status_code == 302
    assert "before@acme.example" in str(browser.get(ME).json()), "it took over the owner"


def test_the_session_ends_after_the_time_that_the_tenant_set(acme: Entry, liar: idp.Liar) -> None:
    prove(acme, "acme.example")
    bring(acme, liar.issuer, session_minutes=30)
    liar.claims = {"email": "a@acme.example", "email_verified": True}
    start = timezone.now()
    # A browser each: what one is answered stays in the cache, whose clock nobody moves.
    for minutes, expected in ((31, False), (29, True)):
        browser = TenantClient(acme)
        assert lie(browser, liar).status_code == 302
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert is_in(browser) is expected


def test_the_secret_goes_to_the_provider_with_the_verifier_of_the_challenge(
    acme: Entry, liar: idp.Liar
) -> None:
    prove(acme, "acme.example")
    bring(acme, liar.issuer)
    liar.claims = {"email": "a@acme.example", "email_verified": True}
    browser = TenantClient(acme)
    asked = idp.query(begin(browser))
    liar.claims |= {"aud": CLIENT_ID, "nonce": asked["nonce"]}
    assert browser.get("/sso/callback", {"code": "c", "state": asked["state"]}).status_code == 302
    assert asked["code_challenge_method"] == "S256"
    assert oidc._challenge(liar.forms[0]["code_verifier"]) == asked["code_challenge"]
    assert asked["redirect_uri"] == "http://acme.localhost/sso/callback"


def test_the_sign_in_page_offers_sso_where_there_is_a_provider(
    acme: Entry, globex: Entry, provider: str
) -> None:
    bring(acme, provider)
    assert "/sso/start" in TenantClient(acme).get("/").content.decode()
    assert "/sso/start" not in TenantClient(globex).get("/").content.decode()
    assert TenantClient(globex).get("/sso/start").status_code == 403


# Whom it may not let in


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "a@acme.example", "email_verified": False},
        {"email": "a@acme.example", "email_verified": "true"},
        {"email": "a@acme.example"},
        {"email": "owner@globex.example", "email_verified": True},
        {"email": "a@sub.acme.example", "email_verified": True},
        {"email": "a@evil.example@acme.example", "email_verified": True},
        {"email": "a@gmail.com", "email_verified": True},
        {"email": ["a@acme.example"], "email_verified": True},
        {"email_verified": True},
    ],
)
def test_an_address_that_is_not_verified_or_not_of_a_proven_domain_gets_nobody_in(
    acme: Entry, liar: idp.Liar, claims: dict[str, Any]
) -> None:
    prove(acme, "acme.example")
    bring(acme, liar.issuer)
    liar.claims = claims
    browser = TenantClient(acme)
    assert lie(browser, liar).status_code == 403
    assert not is_in(browser)
    with context.identity():
        assert not SsoAccount.objects.filter(tenant_id=acme.id).exists()


def test_a_domain_that_another_tenant_proved_lets_nobody_in_here(
    acme: Entry, globex: Entry, liar: idp.Liar
) -> None:
    prove(globex, "globex.example")
    prove(acme, "acme.example")
    bring(acme, liar.issuer)
    factories.member(acme, Role.ADMIN, email="boss@globex.example")
    liar.claims = {"email": "boss@globex.example", "email_verified": True}
    browser = TenantClient(acme)
    assert lie(browser, liar).status_code == 403
    assert not is_in(browser)


def test_a_claimed_or_a_lost_domain_lets_nobody_in_even_who_came_in_before(
    acme: Entry, liar: idp.Liar
) -> None:
    row = prove(acme, "acme.example")
    bring(acme, liar.issuer)
    liar.claims = {"email": "a@acme.example", "email_verified": True}
    assert lie(TenantClient(acme), liar).status_code == 302
    for change in ({"lost_at": timezone.now()}, {"lost_at": None, "verified_at": None}):
        with context.identity():
            EmailDomain.objects.filter(id=row.id).update(**change)
        assert lie(TenantClient(acme), liar).status_code == 403


def test_a_removed_member_comes_back_only_when_they_are_added_again(acme: Entry, liar: idp.Liar) -> None:
    prove(acme, "acme.example")
    bring(acme, liar.issuer)
    liar.claims = {"email": "a@acme.example", "email_verified": True}
    browser = TenantClient(acme)
    assert lie(browser, liar).status_code == 302
    with context.identity():
        memberships.end(members(acme, "a@acme.example")[0], by="tests")
    assert not is_in(browser)
    assert lie(TenantClient(acme), liar).status_code == 403
    with context.identity():
        memberships.add(User.objects.get(email="a@acme.example"), acme, Role.VIEWER, by="tests")
    assert lie(TenantClient(acme), liar).status_code == 302


def test_a_person_who_signed_up_and_did_not_confirm_the_address_is_not_taken_over(
    acme: Entry, liar: idp.Liar
) -> None:
    """Else whoever signed up with another's address keeps their own password to what that person joins."""
    prove(acme, "acme.example")
    bring(acme, liar.issuer)
    with context.identity():
        person = factories.UserFactory(email="victim@acme.example", password="the attacker's")
    liar.claims = {"email": "victim@acme.example", "email_verified": True}
    assert lie(TenantClient(acme), liar).status_code == 403
    with context.identity():
        EmailAddress.objects.filter(user=person).update(verified=True)
    assert lie(TenantClient(acme), liar).status_code == 302


def test_a_deactivated_person_is_not_let_in(acme: Entry, liar: idp.Liar) -> None:
    prove(acme, "acme.example")
    bring(acme, liar.issuer)
    person = factories.member(acme, Role.VIEWER, email="gone@acme.example")
    with context.identity():
        User.objects.filter(pk=person.pk).update(deactivated_at=timezone.now())
    liar.claims = {"email": "gone@acme.example", "email_verified": True}
    assert lie(TenantClient(acme), liar).status_code == 403


# Forged answers


def test_the_liar_is_believed_when_it_tells_the_truth(acme: Entry, liar: idp.Liar) -> None:
    prove(acme, "acme.example")
    bring(acme, liar.issuer)
    liar.claims = {"email": "a@acme.example", "email_verified": True}
    browser = TenantClient(acme)
    assert lie(browser, liar).status_code == 302
    assert is_in(browser)


def _none(liar: idp.Liar) -> str:
    claims = jwt.decode(liar.sign(), options={"verify_signature": False})
    return jwt.encode(claims, "", algorithm="none")


def _hs256(liar: idp.Liar) -> str:
    """Sign with the public key as if it were a shared secret. By hand, since the library refuses to."""
    public = liar.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head, body, _ = liar.sign().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one","typ":"JWT"}').rstrip(b"=").decode()
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = base64.urlsafe_b64encode(algorithm.sign(f"{head}.{body}".encode(), public)).rstrip(b"=")
    return f"{head}.{body}.{signature.decode()}"


def _other_key(liar: idp.Liar) -> str:
    claims = jwt.decode(liar.sign(), options={"verify_signature": False})
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "one"})


FORGED: dict[str, Callable[[idp.Liar], str]] = {
    "nonce": lambda liar: liar.sign(nonce="another"),
    "no nonce": lambda liar: liar.sign(nonce=None),
    "audience": lambda liar: liar.sign(aud="another"),
    "no audience": lambda liar: liar.sign(aud=None),
    "two audiences without azp": lambda liar: liar.sign(aud=[CLIENT_ID, "another"]),
    "azp": lambda liar: liar.sign(azp="another"),
    "issuer": lambda liar: liar.sign(iss="https://accounts.example"),
    "issuer with a slash": lambda liar: liar.sign(iss=f"{liar.issuer}/"),
    "expired": lambda liar: liar.sign(exp=int(time.time()) - 120),
    "no expiry": lambda liar: liar.sign(exp=None),
    "not yet": lambda liar: liar.sign(nbf=int(time.time()) + 600),
    "no subject": lambda liar: liar.sign(sub=None),
    "empty subject": lambda liar: liar.sign(sub=""),
    "alg none": _none,
    "HS256 with the public key": _hs256,
    "another key": _other_key,
    "tampered": lambda liar: liar.sign()[:-6] + "AAAAAA",
    "no token": lambda _: "x",
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused(acme: Entry, liar: idp.Liar, name: str) -> None:
    prove(acme, "acme.example")
    bring(acme, liar.issuer)
    liar.claims = {"email": "a@acme.example", "email_verified": True}
    browser = TenantClient(acme)
    assert lie(browser, liar, lambda _: FORGED[name](liar)).status_code == 403
    assert not is_in(browser)


def test_a_new_key_of_the_provider_is_found_and_the_old_one_is_no_good_any_more(
    acme: Entry, liar: idp.Liar
) -> None:
    prove(acme, "acme.example")
    bring(acme, liar.issuer)
    liar.claims = {"email": "a@acme.example", "email_verified": True}
    assert lie(TenantClient(acme), liar).status_code == 302
    liar.key, liar.kid = rsa.generate_private_key(public_exponent=65537, key_size=2048), "two"
    oidc.documents._found = {
        url: (at - oidc.REFETCH_SECONDS, value) for url, (at, value) in oidc.documents._found.items()
    }
    assert lie(TenantClient(acme), liar).status_code == 302
    assert liar.asked.count("/jwks") == 2
    assert liar.asked.count("/.well-known/openid-configuration") == 1


def test_an_answer_counts_once_and_in_its_own_browser(acme: Entry, provider: str) -> None:
    prove(acme, "acme.example")
    bring(acme, provider)
    idp.describe(provider, "once", email="once@acme.example", email_verified=True)
    browser, thief = TenantClient(acme), TenantClient(acme)
    answer = idp.consent(begin(browser), "once")
    assert thief.get("/sso/callback", answer).status_code == 403
    begin(thief)
    assert thief.get("/sso/callback", answer).status_code == 403
    assert browser.get("/sso/callback", answer).status_code == 302
    assert browser.get("/sso/callback", answer).status_code == 403
    assert is_in(browser)
    assert not is_in(thief)


def test_an_answer_counts_once_also_when_the_provider_would_redeem_its_code_again(
    acme: Entry, liar: idp.Liar
) -> None:
    prove(acme, "acme.example")
    bring(acme, liar.issuer)
    asked = idp.query(begin(browser := TenantClient(acme)))
    liar.claims = {
        "email": "a@acme.example",
        "email_verified": True,
        "aud": CLIENT_ID,
        "nonce": asked["nonce"],
    }
    answer = {"code": "c", "state": asked["state"]}
    assert browser.get("/sso/callback", {**answer, "state": "forged"}).status_code == 403
    assert browser.get("/sso/callback", answer).status_code == 302, "a forged answer ended the sign-in"
    assert browser.get("/sso/callback", answer).status_code == 403
    assert len(liar.forms) == 1


def test_a_code_that_was_used_is_refused_in_another_attempt(acme: Entry, provider: str) -> None:
    prove(acme, "acme.example")
    bring(acme, provider)
    idp.describe(provider, "twice", email="twice@acme.example", email_verified=True)
    answer = idp.consent(begin(browser := TenantClient(acme)), "twice")
    assert browser.get("/sso/callback", answer).status_code == 302
    thief = TenantClient(acme)
    state = idp.query(begin(thief))["state"]
    assert thief.get("/sso/callback", {"code": answer["code"], "state": state}).status_code == 403
    assert not is_in(thief)


def test_a_code_of_somebody_else_put_into_ones_own_attempt_is_refused_by_its_nonce(
    acme: Entry, provider: str
) -> None:
    prove(acme, "acme.example")
    bring(acme, provider)
    idp.describe(provider, "mark", email="mark@acme.example", email_verified=True)
    code = idp.consent(begin(TenantClient(acme)), "mark")["code"]
    thief = TenantClient(acme)
    state = idp.query(begin(thief))["state"]
    assert thief.get("/sso/callback", {"code": code, "state": state}).status_code == 403
    assert not is_in(thief)


def test_an_answer_of_acme_gets_nobody_into_globex(acme: Entry, globex: Entry, provider: str) -> None:
    """Both trust the same provider and the same client, and the person is a member of both."""
    for place in (acme, globex):
        prove(place, f"{place.slug}.example")
        bring(place, provider)
    person = factories.member(acme, Role.OWNER, email="both@acme.example")
    with context.identity():
        memberships.add(person, globex, Role.OWNER, by="tests")
    idp.describe(provider, "both", email="both@acme.example", email_verified=True)
    here, there = TenantClient(acme), TenantClient(globex)
    answer = idp.consent(begin(here), "both")
    begin(there)
    assert there.get("/sso/callback", answer).status_code == 403
    there.cookies = copy.deepcopy(here.cookies)
    assert there.get("/sso/callback", answer).status_code == 403
    assert here.get("/sso/callback", answer).status_code == 302
    assert is_in(here)
    there.cookies = copy.deepcopy(here.cookies)
    assert not is_in(there), "the session is acme's alone"
    assert sign_in(TenantClient(globex), "both").status_code == 403, "globex has not proven acme.example"


def test_the_issuer_that_answers_must_be_the_one_that_was_asked(acme: Entry, liar: idp.Liar) -> None:
    prove(acme, "acme.example")
    bring(acme, liar.issuer)
    browser = TenantClient(acme)
    state = idp.query(begin(browser))["state"]
    answer = {"code": "c", "state": state, "iss": "https://accounts.example"}
    assert browser.get("/sso/callback", answer).status_code == 403
    assert liar.forms == [], "the code went to a provider that it does not belong to"


def test_a_provider_that_was_changed_meanwhile_gets_no_code(
    acme: Entry, liar: idp.Liar, provider: str
) -> None:
    prove(acme, "acme.example")
    bring(acme, provider)
    browser = TenantClient(acme)
    state = idp.query(begin(browser))["state"]
    bring(acme, liar.issuer)
    assert browser.get("/sso/callback", {"code": "c", "state": state}).status_code == 403
    assert liar.forms == []


def test_an_attempt_ends_after_ten_minutes(acme: Entry, provider: str) -> None:
    prove(acme, "acme.example")
    bring(acme, provider)
    idp.describe(provider, "late", email="late@acme.example", email_verified=True)
    browser = TenantClient(acme)
    answer = idp.consent(begin(browser), "late")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert browser.get("/sso/callback", answer).status_code == 403


def test_a_refusal_of_the_provider_is_told_as_such(acme: Entry, provider: str) -> None:
    bring(acme, provider)
    browser = TenantClient(acme)
    state = idp.query(begin(browser))["state"]
    answer = browser.get("/sso/callback", {"error": "access_denied", "state": state})
    assert answer.status_code == 403
    assert 'role="alert"' in answer.content.decode()


# Enforced


def test_enforced_sso_refuses_passwords_but_for_owners_and_foreign_addresses(
    acme: Entry, provider: str
) -> None:
    prove(acme, "acme.example")
    for name in ("one@acme.example", "guest@elsewhere.example"):
        factories.member(acme, Role.ADMIN, email=name, password=databases.PASSWORD)

    def enter(email: str) -> Any:
        return TenantClient(acme).post("/sign-in", {"email": email, "password": databases.PASSWORD})

    bring(acme, provider)
    assert enter("one@acme.example").status_code == 302, "not enforced"
    bring(acme, provider, enforced=True)
    refused = enter("one@acme.example")
    assert refused.status_code == 403
    assert 'href="/sso/start"' in refused.content.decode()
    assert enter("guest@elsewhere.example").status_code == 302
    assert enter("owner@acme.example").status_code == 302
    with context.use(acme):
        assert AuditEntry.objects.filter(action="sso.bypassed", actor="owner@acme.example").exists()
    wrong = TenantClient(acme).post("/sign-in", {"email": "one@acme.example", "password": "wrong"})
    assert wrong.status_code == 401, "it told who is a member"


def test_enforced_sso_of_one_tenant_is_none_of_another_s_business(
    acme: Entry, globex: Entry, provider: str
) -> None:
    prove(acme, "acme.example")
    bring(acme, provider, enforced=True)
    person = factories.member(acme, Role.EDITOR, email="two@acme.example", password=databases.PASSWORD)
    with context.identity():
        memberships.add(person, globex, Role.EDITOR, by="tests")
    form = {"email": "two@acme.example", "password": databases.PASSWORD}
    assert TenantClient(globex).post("/sign-in", form).status_code == 302
    assert TenantClient(acme).post("/sign-in", form).status_code == 403


def test_enforcing_sso_ends_at_once_what_passwords_began(
    acme: Entry, globex: Entry, provider: str, liar: idp.Liar
) -> None:
    """But for owners, whom a provider that is set up wrongly would lock out, and people of other domains."""
    prove(acme, "acme.example")
    prove(acme, "xn--strae-oqa.example")
    bring(acme, provider)
    stay = ("owner@acme.example", "guest@elsewhere.example")
    end = ("one@acme.example", "other@straße.example")
    for email in (*end, stay[1]):
        factories.member(acme, Role.ADMIN, email=email, password=databases.PASSWORD)
    browsers = {email: TenantClient(acme) for email in (*stay, *end)}
    elsewhere = TenantClient(globex)
    for email, browser in browsers.items():
        enter_by_password(browser, email)
    with context.identity():
        one = User.objects.get(email="one@acme.example")
        memberships.add(one, globex, Role.VIEWER, by="tests")
    enter_by_password(elsewhere, "one@acme.example")
    by_provider = TenantClient(acme)
    idp.describe(provider, "two", email="two@acme.example", email_verified=True)
    assert sign_in(by_provider, "two").status_code == 302

    bring(acme, provider, enforced=True)
    assert {email for email, browser in browsers.items() if is_in(browser)} == set(stay)
    assert is_in(by_provider)
    assert is_in(elsewhere), "it ended a session of another tenant"
    assert browsers["one@acme.example"].get("/account")["Location"] == "/"

    liar.claims = {"email": "three@acme.example", "email_verified": True}
    bring(acme, liar.issuer, enforced=True)
    assert not is_in(by_provider), "the former provider still speaks for the tenant's people"
    assert lie(by_provider, liar).status_code == 302
    assert is_in(by_provider)


def test_a_domain_that_is_lost_is_enforced_no_more(acme: Entry, provider: str) -> None:
    row = prove(acme, "acme.example")
    bring(acme, provider)
    factories.member(acme, Role.VIEWER, email="one@acme.example", password=databases.PASSWORD)
    browser = TenantClient(acme)
    enter_by_password(browser, "one@acme.example")
    bring(acme, provider, enforced=True)
    assert not is_in(browser)
    with context.identity():
        EmailDomain.objects.filter(id=row.id).update(lost_at=timezone.now())
    assert is_in(browser)


def enter_by_password(browser: TenantClient, email: str) -> None:
    form = {"email": email, "password": databases.PASSWORD}
    assert browser.post("/sign-in", form).status_code == 302
    assert is_in(browser)
