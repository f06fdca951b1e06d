"""One-time codes below the pages: what is bound to what, and two that come at once."""

import hashlib
import threading
from typing import Any

import pytest
from django.db import connections
from django.test import RequestFactory

from tenants import context
from tenants.directory import Entry
from tenants.models import OneTimeCode, User
from tenants.people import exceptions as errors
from tenants.people import hop
from tenants.people.sessions import SessionStore
from tests import factories

NONCE = "n" * 43
BINDING = hashlib.sha256(NONCE.encode()).hexdigest()


def issue(user: User, slug: str = "acme", **more: Any) -> str:
    with context.identity():
        return hop.issue(user, slug, binding=BINDING, methods=[], **more).rpartition("code=")[2]


def finish(tenant: Entry, code: str, nonce: str = NONCE) -> str:
    request = RequestFactory().get("/hop/finish")
    request.session = SessionStore(tenant_id=tenant.id)
    with context.identity():
        return hop.finish(request, tenant, code=code, nonce=nonce).user.email


def test_the_tenant_s_host_sends_the_hash_of_the_nonce(globex: Entry) -> None:
    assert hop.ask_url(globex, NONCE, "globex.localhost") == (
        f"http://localhost/hop/globex?binding={BINDING}&host=globex.localhost"
    )


def test_the_person_is_who_the_code_was_made_for(globex: Entry, initech: Entry) -> None:
    person = factories.member(globex)
    code = issue(person, "globex")
    for tenant, nonce in ((initech, NONCE), (globex, "other"), (globex, ""), (globex, BINDING)):
        with pytest.raises(errors.InvalidCode):
            finish(tenant, code, nonce)
    assert finish(globex, code) == person.email
    with pytest.raises(errors.InvalidCode):
        finish(globex, code)


def test_of_two_that_come_at_once_one_gets_in(fresh_db: str, globex: Entry) -> None:
    code, results = issue(factories.member(globex), "globex"), []
    together = threading.Barrier(2)

    def run() -> None:
        together.wait()
        try:
            results.append(bool(finish(globex, code)))
        except errors.InvalidCode:
            results.append(False)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(results) == [False, True]


def test_old_codes_are_swept_out_by_the_next(globex: Entry) -> None:
    person = factories.member(globex)
    issue(person, "globex")
    with context.identity():
        OneTimeCode.objects.update(expires_at="2020-01-01T00:00:00Z")
    issue(person, "globex")
    with context.identity():
        assert OneTimeCode.objects.count() == 1


def test_no_tenant_reads_codes(globex: Entry) -> None:
    issue(factories.member(globex), "globex")
    with pytest.raises(Exception, match="permission denied"), context.use(globex):
        OneTimeCode.objects.exists()
