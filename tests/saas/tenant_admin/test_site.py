"""The admin on a tenant's host: who gets in, what they see, and that the console has none of it."""

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from saas.commerce import products
from saas.commerce.models import Category, Product
from saas.tenant_admin.site import is_of_tenants, site
from tenants import context
from tenants.directory import Entry
from tenants.models import Role, User
from tenants.testing import TenantClient
from tests import factories

TwoTenants = tuple[Entry, Entry]
LIST = "/admin/commerce/product/"


def browser(tenant: Entry, role: str) -> TenantClient:
    return TenantClient(tenant).sign_in(factories.member(tenant, role))


def lamp(tenant: Entry, name: str = "Trail lamp") -> Product:
    with context.use(tenant):
        return products.create(name=name, price=3900, currency="EUR")


@pytest.mark.parametrize("path", ["/admin/", LIST, f"{LIST}add/", "/admin/login/", "/admin/search/?s=lamp"])
def test_a_stranger_is_sent_to_sign_in(two_tenants: TwoTenants, path: str) -> None:
    answer = TenantClient(two_tenants[0]).get(path)
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("path", ["/admin/", LIST])
def test_a_member_of_another_tenant_is_a_stranger_whatever_they_are_elsewhere(
    two_tenants: TwoTenants, path: str
) -> None:
    person = factories.member(two_tenants[1], Role.OWNER)
    here = TenantClient(two_tenants[0])
    here.cookies = TenantClient(two_tenants[1]).sign_in(person).cookies
    assert here.get(path)["Location"] == "/"


def test_a_viewer_sees_rows_and_may_change_none(two_tenants: TwoTenants) -> None:
    product = lamp(two_tenants[0])
    viewer = browser(two_tenants[0], Role.VIEWER)
    assert "Trail lamp" in viewer.get(LIST).content.decode()
    page = viewer.get(f"{LIST}{product.pk}/change/").content.decode()
    assert "Trail lamp" in page
    assert 'name="_save"' not in page
    assert viewer.post(f"{LIST}{product.pk}/change/", form(product, name="Mine")).status_code == 403
    assert viewer.get(f"{LIST}add/").status_code == 403
    assert viewer.post(f"{LIST}{product.pk}/delete/", {"post": "yes"}).status_code == 403
    with context.use(two_tenants[0]):
        assert Product.objects.get().name == "Trail lamp"


def test_a_role_without_any_permission_here_is_refused(
    two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(User, "has_module_perms", lambda *_: False)
    assert browser(two_tenants[0], Role.OWNER).get("/admin/").status_code == 403


def test_rows_of_another_tenant_are_not_there(two_tenants: TwoTenants) -> None:
    theirs = lamp(two_tenants[1], "Their lamp")
    owner = browser(two_tenants[0], Role.OWNER)
    assert "Their lamp" not in owner.get(f"{LIST}?q=lamp").content.decode()
    answer = owner.get(f"{LIST}{theirs.pk}/change/", follow=True)
    assert "Their lamp" not in answer.content.decode()
    assert owner.post(f"{LIST}{theirs.pk}/delete/", {"post": "yes"}).status_code == 302
    with context.use(two_tenants[1]):
        assert Product.objects.get().name == "Their lamp"


def test_signing_out_ends_the_session(two_tenants: TwoTenants) -> None:
    owner = browser(two_tenants[0], Role.OWNER)
    assert owner.get("/admin/").status_code == 200
    leave = owner.post("/admin/logout/")
    assert (leave.status_code, leave["Location"]) == (307, "/sign-out")  # the form comes along
    assert owner.post("/sign-out").status_code == 302
    assert owner.get("/admin/").status_code == 302


def test_the_front_page_leads_there_and_back(two_tenants: TwoTenants) -> None:
    viewer = browser(two_tenants[0], Role.VIEWER)
    assert 'href="/admin/"' in viewer.get("/").content.decode()
    assert f'href="/">Back to {two_tenants[0].name}</a>' in viewer.get("/admin/").content.decode()


def test_pages_of_tenant_apps_are_here_and_those_of_operators_on_the_console() -> None:
    assert {Product, Category} <= set(site._registry)
    assert all(is_of_tenants(model) for model in site._registry)
    assert not any(is_of_tenants(model) for model in admin.site._registry)
    with pytest.raises(NoReverseMatch):
        reverse("admin:tenants_tenant_changelist", urlconf="saas.urls_tenant")
    with pytest.raises(NoReverseMatch):
        reverse("admin:commerce_product_changelist", urlconf="saas.urls_console")


def form(product: Product, **changes: object) -> dict[str, object]:
    fields = {name: getattr(product, name) for name in ("name", "slug", "sku", "price", "currency")}
    return {
        **fields,
        "description": "",
        "variants-TOTAL_FORMS": 0,
        "variants-INITIAL_FORMS": 0,
        **changes,
    }
