"""Forms and actions of the apps' pages: they call verbs, take amounts as people write them, and say what was refused."""

from typing import Any

import pytest

from saas.commerce import products
from saas.commerce.models import Category, Coupon, Order, PastPrice, Product, Variant
from saas.social.models import Decision, Report
from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, Role
from tenants.testing import TenantClient
from tests import factories
from tests.saas.tenant_admin import world

TwoTenants = tuple[Entry, Entry]
SHOP = "/admin/commerce/"
EMPTY = {
    f"{name}-{kind}_FORMS": 0 for name in ("variants", "images", "-1", "-2") for kind in ("TOTAL", "INITIAL")
}


@pytest.fixture
def editor(two_tenants: TwoTenants) -> TenantClient:
    return TenantClient(two_tenants[0]).sign_in(factories.member(two_tenants[0], Role.EDITOR))


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_price_is_typed_in_units_and_kept_in_minor_ones(
    two_tenants: TwoTenants, editor: TenantClient
) -> None:
    given = {"name": "Lamp", "price": "39.00", "compare_at_price": "49.5", "currency": "EUR"}
    assert editor.post(f"{SHOP}product/add/", given).status_code == 302
    with context.use(two_tenants[0]):
        made = Product.objects.get()
        assert (made.price, made.compare_at_price, made.slug) == (3900, 4950, "lamp")
        assert Variant.objects.get().sku == made.sku  # as the verb makes it
    page = f"{SHOP}product/{made.pk}/change/"
    assert 'value="39.00"' in text(editor.get(page))
    assert "€39.00" in text(editor.get(f"{SHOP}product/"))
    changed = {**given, **EMPTY, "slug": made.slug, "sku": made.sku, "price": "35"}
    assert editor.post(page, changed).status_code == 302
    with context.use(two_tenants[0]):
        assert Product.objects.get().price == 3500
        assert PastPrice.objects.get().price == 3900
        entry = AuditEntry.objects.get(action="product.changed")
    assert (entry.before, entry.after) == ({"price": "39.00"}, {"price": "35"})


def test_part_of_a_minor_unit_is_refused_in_the_form(two_tenants: TwoTenants, editor: TenantClient) -> None:
    answer = editor.post(f"{SHOP}product/add/", {"name": "Lamp", "price": "39.001", "currency": "EUR"})
    assert answer.status_code == 200
    assert "EUR has 2 digits after the point." in text(answer)
    with context.use(two_tenants[0]):
        assert not Product.objects.exists()


def test_what_a_verb_or_a_trigger_refuses_is_said_in_the_form(
    two_tenants: TwoTenants, editor: TenantClient
) -> None:
    with context.use(two_tenants[0]):
        top = Category.objects.create(name="Tents", slug="tents")
        below = Category.objects.create(name="Small tents", slug="small-tents", parent=top)
        products.create(name="Lamp", price=1, currency="EUR", barcode="")
    given = {"name": "Tents", "slug": "tents", "position": 0, "parent": below.pk}
    answer = editor.post(f"{SHOP}category/{top.pk}/change/", given)
    assert answer.status_code == 200
    assert "A category cannot stand below itself." in text(answer)
    answer = editor.post(
        f"{SHOP}product/add/", {"name": "Stove", "price": "1", "currency": "EUR", "weight": 1, "length": 2}
    )
    assert answer.status_code == 200
    assert "length, width and height come all or none" in text(answer)
    with context.use(two_tenants[0]):
        assert Category.objects.get(slug="tents").parent is None
        assert not AuditEntry.objects.filter(action__in=["category.changed", "product.created"]).exists()


def test_the_last_variant_stays(two_tenants: TwoTenants, editor: TenantClient) -> None:
    with context.use(two_tenants[0]):
        products.create(name="Lamp", price=1, currency="EUR")
        variant = Variant.objects.get()
    page = editor.post(f"{SHOP}variant/{variant.pk}/delete/", {"post": "yes"}, follow=True)
    assert "A product keeps at least one variant." in text(page)
    with context.use(two_tenants[0]):
        assert Variant.objects.exists()


def test_an_order_takes_the_next_step_and_no_other(two_tenants: TwoTenants, editor: TenantClient) -> None:
    with context.use(two_tenants[0]):
        world.fill()
        order = Order.objects.get()
    page = f"{SHOP}order/{order.pk}/change/"
    rows = {
        f"{name}-{kind}_FORMS": 0
        for name in ("items", "payments", "history")
        for kind in ("TOTAL", "INITIAL")
    }
    assert 'value="shipped"' not in text(editor.get(page))
    assert editor.post(page, {**rows, "step": "shipped"}).status_code == 200
    assert editor.post(page, {**rows, "step": "confirmed"}).status_code == 302
    ship = {"action": "ship", "_selected_action": [str(order.pk)]}
    assert "cannot become shipped" in text(editor.post(f"{SHOP}order/", ship, follow=True))
    assert "1 processing." in text(editor.post(f"{SHOP}order/", {**ship, "action": "process"}, follow=True))
    assert editor.post(page, {**rows, "step": "shipped", "number_of_parcel": "JD1"}).status_code == 302
    with context.use(two_tenants[0]):
        kept = Order.objects.get()
        assert (kept.status, kept.tracking_number) == ("shipped", "JD1")
        assert {row.by for row in kept.history.filter(number__gt=1)} != {""}
        assert AuditEntry.objects.filter(action="order.processing", subject=str(order.pk)).count() == 1


def test_a_report_is_decided_once(two_tenants: TwoTenants, editor: TenantClient) -> None:
    with context.use(two_tenants[0]):
        world.fill()
        report = Report.objects.get(decided_at=None)
    page = f"/admin/social/report/{report.pk}/change/"
    assert editor.post(page, {"action": "", "decision_note": ""}).status_code == 200
    assert editor.post(page, {"action": "remove", "decision_note": "Spam"}).status_code == 302
    assert editor.post(page, {"action": "warn", "decision_note": ""}).status_code == 200
    with context.use(two_tenants[0]):
        made = Decision.objects.get(post=report.post_id)
        assert (made.action, made.note) == ("remove", "Spam")
        assert made.by.endswith("@example.com")
        assert made.post is not None
        assert made.post.deleted_at is not None
    assert str(report.pk) not in text(editor.get("/admin/social/report/"))


def test_a_viewer_calls_no_verb(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        world.fill()
        order, report = Order.objects.get(), Report.objects.get(decided_at=None)
    viewer = TenantClient(two_tenants[0]).sign_in(factories.member(two_tenants[0], Role.VIEWER))
    viewer.post(f"{SHOP}order/", {"action": "confirm", "_selected_action": [str(order.pk)]})
    viewer.post("/admin/social/report/", {"action": "suspend", "_selected_action": [str(report.pk)]})
    with context.use(two_tenants[0]):
        assert Order.objects.get().status == "pending"
        assert Report.objects.filter(decided_at=None).exists()


def test_a_coupon_takes_an_amount_in_its_currency(two_tenants: TwoTenants, editor: TenantClient) -> None:
    given = {"code": "TEN", "currency": "JPY", "amount": "500", "minimum_order": "0"}
    answer = editor.post(f"{SHOP}coupon/add/", {**given, "percent": "10"})
    assert answer.status_code == 200  # one of both
    assert editor.post(f"{SHOP}coupon/add/", given).status_code == 302
    with context.use(two_tenants[0]):
        assert Coupon.objects.get().amount == 500
    assert "¥500" in text(editor.get(f"{SHOP}coupon/"))
