import pytest

from billing import subscriptions
from saas.commerce import orders
from saas.commerce.models import OrderItem, Product
from saas.social import conversations, messages
from saas.social.models import Message, Participant
from saas.visitors.models import Visitor
from tenants import context, ddl, exceptions, lifecycle
from tenants.backups import restore, store, take
from tenants.context import Kind, Who
from tenants.directory import Entry
from tenants.models import ApiKey, Backup, CustomRole, Group, GroupMembership, Membership, Tenant
from tests.saas.commerce.factories import ADDRESS, CustomerFactory, filled, for_sale
from tests.saas.social.factories import ProfileFactory
from tests.tenants.backups.conftest import PRODUCTS, ask, place, row
from tests.tenants.backups.test_store import damage


def test_a_restored_tenant_has_the_same_rows_and_its_own_id(finished: Backup, shop: Entry) -> None:
    copy = restore.as_new_tenant(finished.id, "acme-copy", by="test")
    assert copy.id != shop.id
    with context.use(shop):
        before = list(Product.objects.order_by("id").values())
    with context.use(copy):
        assert list(Product.objects.order_by("id").values()) == before
    assert len(before) == PRODUCTS
    with context.operator():
        source = lifecycle.find("acme")
    with context.owner():
        assert restore.row_hashes(Kind.OWNER, copy) == restore.row_hashes(Kind.OWNER, source)


def test_rows_that_are_somebody_s_own_come_along_and_stay_so(shop: Entry) -> None:
    """The login of backups sees them by a policy of its own, and the copy has both policies."""
    with context.use(shop):
        ann, bob = Visitor.objects.bulk_create([Visitor(email="ann@example.com"), Visitor()])
    backup = ask(shop)
    assert take.take(backup.id, shop.id) is True
    copy = restore.as_new_tenant(backup.id, "acme-copy", by="test")
    for actor, seen in ((Who.SYSTEM, {ann.pk, bob.pk}), (ann.pk, {ann.pk}), (Who.NOBODY, set())):
        with context.use(copy, actor=actor):
            assert set(Visitor.objects.values_list("pk", flat=True)) == seen


def test_what_hangs_on_somebody_s_own_row_comes_along_and_stays_so(shop: Entry) -> None:
    with context.use(shop):
        ann, bob = ProfileFactory(), ProfileFactory()
        messages.send(conversations.direct(ann, bob), by=ann, text="Hello")
        cart = filled((for_sale(), 1), customer=CustomerFactory(visitor=ann.visitor))
        orders.place(cart, shipping_address=ADDRESS)
    backup = ask(shop)
    assert take.take(backup.id, shop.id) is True
    copy = restore.as_new_tenant(backup.id, "acme-copy", by="test")
    theirs = {Who.SYSTEM: (2, 1, 1), ann.pk: (2, 1, 1), bob.pk: (2, 1, 0), Who.NOBODY: (0, 0, 0)}
    for actor, seen in theirs.items():
        with context.use(copy, actor=actor):
            rows = (Participant, Message, OrderItem)
            assert tuple(model._default_manager.count() for model in rows) == seen, actor


def test_members_come_along_with_new_ids_and_keys_do_not(finished: Backup, shop: Entry) -> None:
    copy = restore.as_new_tenant(finished.id, "acme-copy", by="test")
    with context.operator():
        old = {(m.user_id, m.role): m.id for m in Membership.objects.filter(tenant_id=shop.id)}
        new = {(m.user_id, m.role): m.id for m in Membership.objects.filter(tenant=copy)}
        assert old.keys() == new.keys()
        assert not set(old.values()) & set(new.values())
        assert not ApiKey.objects.filter(tenant=copy).exists()


def test_custom_roles_and_groups_come_along_and_point_at_the_copied_members(shop: Entry) -> None:
    with context.owner():
        role = CustomRole.objects.create(tenant_id=shop.id, name="Packer", permissions=["products.write"])
        group = Group.objects.create(tenant_id=shop.id, name="Packers", custom_role=role)
        member = Membership.objects.get(tenant_id=shop.id)
        Membership.objects.filter(pk=member.pk).update(custom_role=role)
        GroupMembership.objects.create(tenant_id=shop.id, group=group, membership=member)
    backup = ask(shop)
    assert take.take(backup.id, shop.id) is True
    copy = restore.as_new_tenant(backup.id, "acme-copy", by="test")
    with context.owner():
        copied = GroupMembership.objects.select_related("group__custom_role", "membership").get(tenant=copy)
        assert copied.group.tenant_id == copied.membership.tenant_id == copy.id
        assert copied.membership.user_id == member.user_id
        copied_role = copied.group.custom_role
        assert copied_role is not None
        assert (copied_role.name, copied_role.permissions) == ("Packer", ["products.write"])
        assert copied.membership.custom_role_id == copied_role.id != role.id


def test_it_keeps_the_plan_and_signs_with_an_epoch_of_its_own(finished: Backup, shop: Entry) -> None:
    copy = restore.as_new_tenant(finished.id, "acme-copy", by="test")
    assert copy.epoch != shop.epoch
    with context.use(copy):
        subscription = subscriptions.current(copy.id)
    assert subscription is not None
    assert subscription.plan.code == "pro"


def test_a_row_can_be_added_to_a_restored_tenant_and_constraints_hold(finished: Backup) -> None:
    copy = restore.as_new_tenant(finished.id, "acme-copy", by="test")
    with pytest.raises(Exception, match="commerce_product_sku_unique"), context.use(copy):
        Product.objects.create(name="x", slug="x", sku="l-1", price=1, currency="EUR")
    with context.use(copy):
        Product.objects.create(name="x", slug="x", sku="x", price=1, currency="EUR")


def nothing_was_left(slug: str) -> None:
    with context.operator():
        assert not Tenant.objects.filter(slug=slug).exists()


@pytest.mark.parametrize("how", ["missing", "truncated", "flipped"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(finished: Backup, how: str) -> None:
    damage(place(finished) / "tables.commerce_product.zst", how)
    with pytest.raises(exceptions.BackupDamaged):
        restore.as_new_tenant(finished.id, "acme-copy", by="test")
    nothing_was_left("acme-copy")


def test_a_manifest_that_was_changed_afterwards_is_refused(finished: Backup) -> None:
    path = place(finished) / store.MANIFEST
    path.write_text(path.read_text() + "\n")
    with pytest.raises(exceptions.BackupDamaged, match="not the one"):
        restore.as_new_tenant(finished.id, "acme-copy", by="test")


def test_the_files_of_another_tenant_are_refused(finished: Backup, globex: Entry) -> None:
    other = ask(globex)
    take.take(other.id, globex.id)
    for path in place(finished).iterdir():
        path.unlink()
    for path in place(other).iterdir():
        (place(finished) / path.name).write_bytes(path.read_bytes())
    with pytest.raises(exceptions.BackupDamaged, match="not the one"):
        restore.as_new_tenant(finished.id, "acme-copy", by="test")
    nothing_was_left("acme-copy")


def test_rows_that_come_back_different_are_not_kept(
    finished: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restore, "row_hashes", lambda *_: {"commerce_product": "other"})
    with pytest.raises(exceptions.BackupDamaged, match="commerce_product"):
        restore.as_new_tenant(finished.id, "acme-copy", by="test")
    nothing_was_left("acme-copy")


def test_a_backup_of_other_migrations_is_refused(finished: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ddl.script()
    newer = type(real)(before=(*real.before, "SELECT 1"), rows=real.rows, after=real.after)
    monkeypatch.setattr(ddl, "script", lambda: newer)
    with pytest.raises(exceptions.BackupOutdated):
        restore.as_new_tenant(finished.id, "acme-copy", by="test")


@pytest.mark.parametrize(
    ("slug", "error"),
    [("acme", exceptions.SlugTaken), ("Acme", exceptions.InvalidSlug), ("www", exceptions.InvalidSlug)],
)
def test_a_slug_that_cannot_be_is_refused(finished: Backup, slug: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        restore.as_new_tenant(finished.id, slug, by="test")


def test_a_backup_that_is_not_finished_is_refused(shop: Entry) -> None:
    backup = row(ask(shop))
    with pytest.raises(exceptions.BackupError, match="requested"):
        restore.as_new_tenant(backup.id, "acme-copy", by="test")
