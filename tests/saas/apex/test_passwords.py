"""A forgotten password by the apex's API: what its pages do."""

from tenants import context
from tests import databases, factories
from tests.saas.apex.conftest import Sent, new_browser
from tests.saas.apex.test_api import post
from tests.saas.apex.test_reset_pages import NEW

PASSWORD = databases.PASSWORD


def test_a_link_sets_the_password_once(tenant_db: None, sent: Sent) -> None:
    with context.identity():
        factories.UserFactory(email="ada@example.com", password=PASSWORD)
    answers = [
        post(new_browser(), "/password/reset", {"email": email})
        for email in ("ada@example.com", "nobody@example.com")
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    key = sent[0][2]["link"].partition("key=")[2]
    weak = post(new_browser(), "/password", {"key": key, "password": "short"})
    assert (weak.status_code, weak.json()["code"]) == (422, "bad_password")
    assert post(new_browser(), "/password", {"key": key, "password": NEW}).status_code == 204
    used = post(new_browser(), "/password", {"key": key, "password": NEW})
    assert (used.status_code, used.json()["code"]) == (403, "invalid_code")
    for password, status in ((PASSWORD, 401), (NEW, 200)):
        body = {"email": "ada@example.com", "password": password}
        assert post(new_browser(), "/session", body).status_code == status


def test_a_page_of_another_host_is_refused(tenant_db: None, sent: Sent) -> None:
    foreign = {"headers": {"origin": "https://evil.example"}}
    answer = post(new_browser(), "/password/reset", {"email": "ada@example.com"}, **foreign)
    assert (answer.status_code, sent) == (403, [])
    assert post(new_browser(), "/password", {"key": "k", "password": NEW}, **foreign).status_code == 403
