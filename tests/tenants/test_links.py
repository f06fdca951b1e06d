"""Links for mails: the tenant's primary domain, whatever a request claims."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from tenants import context, exceptions, ids, links
from tenants.directory import Entry
from tenants.models import Domain

TwoTenants = tuple[Entry, Entry]
pytestmark = pytest.mark.urls("tests.tenants.test_links")


def mail(request: HttpRequest) -> HttpResponse:
    tenant = request.tenant if request.path.startswith("/sign-in") else None  # type: ignore[attr-defined]
    return HttpResponse(links.absolute("/reset?token=a%20b", tenant))


urlpatterns = [path("mail", mail), path("sign-in/mail", mail)]


@pytest.mark.parametrize("at", ["/mail", "/sign-in/mail"])
def test_a_link_names_the_tenant_s_primary_domain(two_tenants: TwoTenants, at: str) -> None:
    for tenant in two_tenants:
        answer = Client(headers={"host": f"{tenant.slug}.localhost"}).get(at)
        assert answer.content.decode() == f"http://{tenant.slug}.localhost/reset?token=a%20b"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "acme.localhost:1234"},
        {"host": "ACME.localhost."},
        {"x-forwarded-host": "evil.example"},
        {"x-forwarded-proto": "https"},
        {"forwarded": "host=evil.example;proto=https"},
        {"x-host": "evil.example", "x-original-host": "evil.example", "x-http-host-override": "evil.example"},
        {"referer": "https://evil.example/", "origin": "https://evil.example"},
    ],
)
def test_no_header_gets_into_a_link(two_tenants: TwoTenants, headers: dict[str, str]) -> None:
    answer = Client().get("/mail", headers={"host": "acme.localhost", **headers})
    assert answer.content == b"http://acme.localhost/reset?token=a%20b"


def test_another_domain_of_the_tenant_links_to_the_primary_one(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    with context.owner():
        Domain.objects.create(id=ids.new(), tenant_id=two_tenants[0].id, hostname="shop.example")
    answer = Client(headers={"host": "shop.example"}).get("/mail")
    assert answer.content == b"http://acme.localhost/reset?token=a%20b"


def test_scheme_and_port_are_the_installation_s(acme: Entry, settings: Any) -> None:
    settings.LEASEHOLD_LINK_SCHEME, settings.LEASEHOLD_LINK_PORT = "https", 8443
    assert links.absolute("/") == "https://acme.localhost:8443/"


@pytest.mark.parametrize(
    "at",
    ["", "reset", "//evil.example/x", "/\\evil.example", "\\\\evil.example", "https://evil.example/", "/a\r\nBcc: x",
     "/a b", "/a\0", "/a\tb", "javascript:alert(1)", "@evil.example", ".evil.example/"],
)  # fmt: skip
def test_what_is_no_path_of_the_site_is_refused(acme: Entry, at: str) -> None:
    with pytest.raises(ValueError, match="no path of a site"):
        links.absolute(at)


def test_a_link_belongs_to_a_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with pytest.raises(exceptions.NoTenant):
        links.absolute("/")
    with context.identity(), pytest.raises(exceptions.NoTenant):
        links.absolute("/")
    with context.use(acme), pytest.raises(exceptions.WrongTenant):
        links.absolute("/", globex)


def test_a_tenant_without_a_primary_domain_has_no_links(fresh_db: str, two_tenants: TwoTenants) -> None:
    with context.owner():
        Domain.objects.filter(tenant_id=two_tenants[0].id).delete()
    with context.use(two_tenants[0]), pytest.raises(exceptions.UnknownTenant):
        links.absolute("/")


def test_another_host_of_the_tenant_may_be_asked_for_and_no_other_one(
    fresh_db: str, two_tenants: TwoTenants
) -> None:
    acme, _ = two_tenants
    with context.owner():
        Domain.objects.create(id=ids.new(), tenant_id=acme.id, hostname="shop.example")
    with context.identity():
        assert links.absolute("/x", acme, hostname="shop.example") == "http://shop.example/x"
        for foreign in ("globex.localhost", "evil.example", "SHOP.example", "shop.example:80"):
            with pytest.raises(exceptions.UnknownTenant):
                links.absolute("/x", acme, hostname=foreign)


def test_the_apex_has_links_too(settings: Any) -> None:
    settings.LEASEHOLD_LINK_SCHEME, settings.LEASEHOLD_LINK_PORT = "https", 8443
    assert links.apex("/verify?token=x") == "https://localhost:8443/verify?token=x"
    with pytest.raises(ValueError, match="no path of a site"):
        links.apex("//evil.example")
