"""Who gets to see a page for members: the signed out are sent away, a member without the permission is told so."""

import re

import pytest

from saas import doors
from saas.commerce import products
from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, Role
from tenants.testing import TenantClient
from tests import factories

TwoTenants = tuple[Entry, Entry]
PAGES = ["/people", "/record"]


@pytest.mark.parametrize("path", PAGES)
def test_who_is_signed_out_or_comes_with_a_key_is_sent_to_the_front_page(
    two_tenants: TwoTenants, path: str
) -> None:
    acme, globex = two_tenants
    owner = factories.member(acme, Role.OWNER)
    stranger = TenantClient(globex)
    stranger.cookies["session"] = TenantClient(acme).sign_in(owner).cookies["session"].value
    for client in (TenantClient(acme), stranger, TenantClient(acme).use_key(owner)):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", ["owner", "admin"])
def test_an_owner_and_an_admin_get_in(two_tenants: TwoTenants, path: str, role: str) -> None:
    client = TenantClient(two_tenants[0]).sign_in(factories.member(two_tenants[0], role))
    assert client.get(path).status_code == 200
    assert f'href="{path}"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("path", "missing", "meaning"),
    [
        ("/people", "members.read", "See who the members are and who is invited"),
        ("/record", "audit.read", "Read the record of who did what"),
    ],
)
@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_everybody_else_is_told_why_not_on_a_page_and_it_is_recorded(
    two_tenants: TwoTenants, path: str, missing: str, meaning: str, role: str
) -> None:
    acme, _ = two_tenants
    person = factories.member(acme, role)
    client = TenantClient(acme).sign_in(person)
    assert f'href="{path}"' not in client.get("/").content.decode()
    answer = client.get(path)
    page = answer.content.decode()
    assert (answer.status_code, answer["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["This page is not for you"]
    assert f"The role {role} does not include {missing}." in page
    assert meaning in page
    assert "<table" not in page
    with context.use(acme):
        (row,) = AuditEntry.objects.filter(action="access.refused")
    assert (row.actor, row.subject) == (person.email, missing)


def test_a_permission_that_nobody_declared_is_refused_when_the_page_is_written() -> None:
    with pytest.raises(ValueError, match=r"no permission"):
        doors.for_members(permission="people.juggle")


@pytest.mark.parametrize(("role", "status"), [("editor", 403), ("admin", 200)])
def test_what_the_admin_refuses_is_the_same_page_and_recorded(
    two_tenants: TwoTenants, role: str, status: int
) -> None:
    acme, _ = two_tenants
    with context.use(acme):
        lamp = products.create(name="Trail lamp", price=3900, currency="EUR")
    path = f"/admin/commerce/product/{lamp.pk}/history/"
    answer = TenantClient(acme).sign_in(factories.member(acme, role)).get(path)
    assert answer.status_code == status
    assert ("Your role does not let you do this." in answer.content.decode()) == (status == 403)
    assert ("This page is not for you" in answer.content.decode()) == (status == 403)
    with context.use(acme):
        refused = list(AuditEntry.objects.filter(action="access.refused").values_list("subject", flat=True))
    assert refused == ([f"page {path}"] if status == 403 else [])
