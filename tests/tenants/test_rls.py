"""Rows of shared tables on a real server: which of them each database role sees and writes."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connections, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.utils import timezone
from psycopg.types.json import Jsonb

from billing.models import Flag, FlagOverride, Plan, Subscription, UsageCount, UsageEvent, UsageHour
from tenants import context, ddl, exceptions, grants, ids, rls
from tenants.backups import tables
from tenants.directory import Entry
from tenants.fleet import catalog
from tenants.models import (
    ApiKey,
    ApiKeyDigest,
    AuditCheckpoint,
    AuditEntry,
    AuditSeal,
    AuditSealedEntry,
    Backup,
    Credential,
    CustomRole,
    Domain,
    EmailDomain,
    Group,
    GroupMembership,
    IdentityProvider,
    IdentityProviderSecret,
    ImpersonationBan,
    ImpersonationCode,
    ImpersonationGrant,
    Invitation,
    InvitationDigest,
    MailSettings,
    Membership,
    OneTimeCode,
    Operator,
    OutgoingMail,
    SecurityPolicy,
    ServiceAccount,
    Session,
    SsoAccount,
    Tenant,
    User,
)
from tests import databases, environment

TwoTenants = tuple[Entry, Entry]
Model = type[models.Model]
pytestmark = pytest.mark.usefixtures("module_db")


def membership(tenant: Entry) -> Membership:
    return Membership.objects.filter(tenant_id=tenant.id).first() or pytest.fail("no member")


def key(tenant: Entry) -> ApiKey:
    return ApiKey.objects.create(tenant_id=tenant.id, membership=membership(tenant), name="x", prefix="x")


def provider(tenant: Entry) -> IdentityProvider:
    return IdentityProvider.objects.get_or_create(tenant_id=tenant.id, issuer="https://idp.example")[0]


def invitation(tenant: Entry) -> Invitation:
    return Invitation.objects.create(
        tenant_id=tenant.id,
        email=f"{ids.new()}@example.com",
        role="viewer",
        invited_by=membership(tenant),
        expires_at=timezone.now(),
    )


def grant(tenant: Entry) -> ImpersonationGrant:
    now = timezone.now()
    return ImpersonationGrant.objects.create(
        tenant_id=tenant.id,
        operator=membership(tenant).user,
        membership=membership(tenant),
        reason="A row of the tests.",
        created_at=now,
        expires_at=now + timedelta(minutes=1),
    )


# One row of each table that holds tenants' rows, written by the owner. A new table must be added here.
ROWS: dict[Model, Callable[[Entry], Any]] = {
    Domain: lambda t: Domain.objects.create(tenant_id=t.id, hostname=f"{ids.new()}.example"),
    Membership: lambda t: Membership.objects.create(
        tenant_id=t.id, user=User.objects.create_user(f"{ids.new()}@example.com"), role="viewer"
    ),
    SecurityPolicy: lambda t: SecurityPolicy.objects.create(tenant_id=t.id),
    Session: lambda t: Session.objects.create(
        tenant_id=t.id,
        session_key=str(ids.new()),
        session_data="x",
        expire_date=timezone.now() + timedelta(days=1),
    ),
    CustomRole: lambda t: CustomRole.objects.create(tenant_id=t.id, name=str(ids.new())),
    Group: lambda t: Group.objects.create(tenant_id=t.id, name=str(ids.new())),
    GroupMembership: lambda t: GroupMembership.objects.create(
        tenant_id=t.id,
        membership=membership(t),
        group=Group.objects.create(tenant_id=t.id, name=str(ids.new())),
    ),
    Invitation: lambda t: invitation(t),
    InvitationDigest: lambda t: InvitationDigest.objects.create(
        invitation=invitation(t), tenant_id=t.id, digest=ids.new().bytes
    ),
    ApiKey: key,
    ApiKeyDigest: lambda t: ApiKeyDigest.objects.create(key=key(t), tenant_id=t.id, digest=ids.new().bytes),
    ServiceAccount: lambda t: ServiceAccount.objects.create(
        tenant_id=t.id, name=str(ids.new()), role="viewer"
    ),
    AuditEntry: lambda t: AuditEntry.objects.create(tenant_id=t.id, actor="x", action="x"),
    AuditSeal: lambda t: AuditSeal.objects.create(
        tenant_id=t.id, number=1, format=1, entry_count=1, first_at=timezone.now(), last_at=timezone.now()
    ),
    AuditSealedEntry: lambda t: AuditSealedEntry.objects.create(
        tenant_id=t.id, entry_id=ids.new(), number=1, position=1
    ),
    AuditCheckpoint: lambda t: AuditCheckpoint.objects.create(tenant_id=t.id, number=1),
    EmailDomain: lambda t: EmailDomain.objects.create(tenant_id=t.id, domain=f"{ids.new()}.example"),
    IdentityProvider: provider,
    IdentityProviderSecret: lambda t: IdentityProviderSecret.objects.create(
        tenant_id=t.id, provider=provider(t), sealed=b"x"
    ),
    SsoAccount: lambda t: SsoAccount.objects.create(
        tenant_id=t.id,
        user=User.objects.create_user(f"{ids.new()}@example.com"),
        issuer="https://idp.example",
        subject="x",
    ),
    OneTimeCode: lambda t: OneTimeCode.objects.create(
        tenant_id=t.id,
        membership=membership(t),
        digest=ids.new().bytes,
        binding=b"x",
        session_hash="x",
        expires_at=timezone.now(),
    ),
    MailSettings: lambda t: MailSettings.objects.create(tenant_id=t.id, sender_name="x"),
    OutgoingMail: lambda t: OutgoingMail.objects.create(
        tenant_id=t.id, purpose="x", sealed="x", due_at=timezone.now()
    ),
    ImpersonationGrant: grant,
    ImpersonationCode: lambda t: ImpersonationCode.objects.create(
        tenant_id=t.id, grant=grant(t), digest=ids.new().bytes, expires_at=timezone.now()
    ),
    ImpersonationBan: lambda t: ImpersonationBan.objects.create(tenant_id=t.id, set_by="x"),
    Backup: lambda t: Backup.objects.create(tenant_id=t.id, requested_by="x"),
    Subscription: lambda t: Subscription.objects.create(
        tenant_id=t.id, plan=Plan.objects.get(code="free"), ended_at=timezone.now()
    ),
    FlagOverride: lambda t: FlagOverride.objects.create(
        tenant_id=t.id, flag=Flag.objects.create(name=str(ids.new())), enabled=True
    ),
    UsageEvent: lambda t: UsageEvent.objects.create(
        tenant_id=t.id, meter="x", event_id=str(ids.new()), quantity=1
    ),
    UsageCount: lambda t: UsageCount.objects.create(
        tenant_id=t.id, meter="x", hour=timezone.now(), quantity=1
    ),
    UsageHour: lambda t: UsageHour.objects.create(tenant_id=t.id, meter="x", hour=timezone.now(), quantity=1),
}
# What a tenant's role may do with each; nothing with those that are missing.
TENANT_MAY = {
    Domain: {"SELECT"},
    Membership: {"SELECT"},
    CustomRole: {"SELECT"},
    Group: {"SELECT"},
    GroupMembership: {"SELECT"},
    Invitation: {"SELECT"},
    ApiKey: {"SELECT"},
    ServiceAccount: {"SELECT"},
    SecurityPolicy: {"SELECT"},
    AuditEntry: {"SELECT", "INSERT"},
    AuditSeal: {"SELECT"},
    EmailDomain: {"SELECT"},
    IdentityProvider: {"SELECT"},
    MailSettings: {"SELECT", "INSERT", "UPDATE"},
    OutgoingMail: {"INSERT"},
    ImpersonationGrant: {"SELECT"},
    ImpersonationBan: {"SELECT"},
    Backup: {"SELECT"},
    Subscription: {"SELECT"},
    FlagOverride: {"SELECT"},
    UsageEvent: {"SELECT", "INSERT"},
    UsageHour: {"SELECT"},
}


@pytest.fixture(scope="module")
def committed(module_db: str) -> dict[Model, dict[Any, Any]]:
    """Make a row of two tenants in every shared table: by model, then by tenant's id."""
    with context.owner():
        both = [Tenant.objects.get(slug=slug) for slug in ("acme", "globex")]
        return {model: {t.id: make(t).pk for t in both} for model, make in ROWS.items()}  # type: ignore[arg-type]


def by_model(cases: Any) -> Any:
    return pytest.mark.parametrize("model", cases, ids=lambda model: model.__name__)


def execute(alias: str, statement: str, parameters: list[Any] | None = None) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def table(model: Model) -> str:
    return f"public.{model._meta.db_table}"


def shared_models() -> set[Model]:
    return {model for model in apps.get_models() if model in ROWS or "tenant_id" in columns(model)}


def columns(model: Model) -> set[str]:
    return {field.column for field in model._meta.local_concrete_fields}


# Every table.


def test_every_table_with_tenants_rows_is_tried_here() -> None:
    assert shared_models() == set(ROWS)


@by_model(sorted(ROWS, key=lambda model: model.__name__))
def test_a_tenant_sees_only_its_own_rows(
    committed: dict[Model, dict[Any, Any]], two_tenants: TwoTenants, model: Model
) -> None:
    for tenant in two_tenants:
        with context.use(tenant):
            if "SELECT" not in TENANT_MAY.get(model, set()):
                with pytest.raises(ProgrammingError, match="permission denied"):
                    list(model._default_manager.all())
                context.roll_back()
                continue
            assert set(model._default_manager.values_list("tenant_id", flat=True)) == {tenant.id}
            assert model._default_manager.filter(pk=committed[model][tenant.id]).exists()


@by_model(sorted(ROWS, key=lambda model: model.__name__))
def test_a_tenant_cannot_write_a_row_of_another(
    committed: dict[Model, dict[Any, Any]], two_tenants: TwoTenants, model: Model
) -> None:
    acme, globex = two_tenants
    expected = "row-level security" if "INSERT" in TENANT_MAY.get(model, set()) else "permission denied"
    with context.owner():
        row = model._default_manager.filter(tenant_id=globex.id).values().first()
    assert row is not None
    names = sorted(row)
    fields = {field.attname: field for field in model._meta.concrete_fields}
    values = [
        Jsonb(row[name])
        if isinstance(fields[name], models.JSONField) and row[name] is not None
        else row[name]
        for name in names
    ]
    written = ", ".join(fields[name].column for name in names)
    statement = f"INSERT INTO {table(model)} ({written}) VALUES ({', '.join(['%s'] * len(names))})"
    with pytest.raises(ProgrammingError, match=expected), context.use(acme):
        execute("default", statement, values)


@by_model(sorted(ROWS, key=lambda model: model.__name__))
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}"], ids=["update", "delete"]
)
def test_a_tenant_changes_and_deletes_no_shared_row_of_others_and_few_of_its_own(
    committed: dict[Model, dict[Any, Any]], two_tenants: TwoTenants, model: Model, statement: str
) -> None:
    if statement.partition(" ")[0] in TENANT_MAY.get(model, set()):
        with context.use(two_tenants[0]):
            assert execute("default", statement.format(table(model))) == 1  # its own, though others have one
        return
    with pytest.raises(ProgrammingError, match="permission denied"), context.use(two_tenants[0]):
        execute("default", statement.format(table(model)))


@by_model(sorted(ROWS, key=lambda model: model.__name__))
def test_the_owner_sees_the_rows_of_all(
    committed: dict[Model, dict[Any, Any]], two_tenants: TwoTenants, model: Model
) -> None:
    with context.owner():
        found = set(model._default_manager.values_list("tenant_id", flat=True))
        assert found >= {tenant.id for tenant in two_tenants}


@by_model(sorted(ROWS, key=lambda model: model.__name__))
def test_the_console_sees_the_rows_of_all_or_none(
    committed: dict[Model, dict[Any, Any]], two_tenants: TwoTenants, model: Model
) -> None:
    with context.operator():
        if model in (
            Session,
            ApiKeyDigest,
            InvitationDigest,
            IdentityProviderSecret,
            SsoAccount,
            OneTimeCode,
            ImpersonationCode,
        ):
            with pytest.raises(ProgrammingError, match="permission denied"):
                list(model._default_manager.all())
            context.roll_back()
            return
        assert model._default_manager.filter(pk__in=committed[model].values()).count() == 2


@by_model(sorted(ROWS, key=lambda model: model.__name__))
def test_the_bare_login_reads_only_hosts(
    committed: dict[Model, dict[Any, Any]], two_tenants: TwoTenants, model: Model
) -> None:
    with context.public():
        if model is Domain:
            assert model._default_manager.count() >= 2
            return
        with pytest.raises(ProgrammingError, match="permission denied"):
            list(model._default_manager.all())
        context.roll_back()


@by_model([model for model in sorted(ROWS, key=lambda one: one.__name__) if tables.on_clone(model)])
def test_a_backup_reads_the_rows_of_every_table_that_it_takes(
    committed: dict[Model, dict[Any, Any]], two_tenants: TwoTenants, model: Model
) -> None:
    with context.backup():
        assert model._default_manager.filter(pk__in=committed[model].values()).count() == 2


def test_identity_sees_the_plan_that_a_tenant_is_on_now_and_nothing_else_of_it(
    committed: dict[Model, dict[Any, Any]], two_tenants: TwoTenants
) -> None:
    with context.identity():
        found = list(Subscription.objects.values_list("tenant_id", "plan__id", "ended_at"))
        assert {tenant_id for tenant_id, *_ in found} >= {tenant.id for tenant in two_tenants}
        assert {ended_at for *_, ended_at in found} == {None}
    with context.owner():
        assert Subscription.objects.filter(ended_at__isnull=False).count() == 2
    for query in (
        Subscription.objects.values_list("id"),
        Subscription.objects.values_list("started_at"),
        Plan.objects.values_list("price"),
        Plan.objects.values_list("code"),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), context.identity():
            list(query)


# Tables without a tenant_id.


def test_a_tenant_sees_itself_alone(two_tenants: TwoTenants) -> None:
    for tenant in two_tenants:
        with context.use(tenant):
            assert list(Tenant.objects.values_list("id", flat=True)) == [tenant.id]


def test_a_tenant_sees_the_people_who_are_its_members(two_tenants: TwoTenants) -> None:
    with context.owner():
        stranger = User.objects.create_user("stranger@example.com")
        former = User.objects.create_user("former@example.com")
        Membership.objects.create(
            tenant_id=two_tenants[0].id, user=former, role="viewer", ended_at=timezone.now()
        )
    with context.use(two_tenants[0]):
        seen = set(User.objects.values_list("email", flat=True))
    assert {"owner@acme.example", former.email} <= seen
    assert not {stranger.email, "owner@globex.example"} & seen


@by_model([Credential, Operator])
@pytest.mark.parametrize("enter", [None, context.public], ids=["tenant", "public"])
def test_what_authenticates_a_person_is_closed(two_tenants: TwoTenants, model: Model, enter: Any) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        enter() if enter else context.use(two_tenants[0]),
    ):
        list(model._default_manager.all())


def test_the_console_reads_the_credentials_of_operators_alone(two_tenants: TwoTenants) -> None:
    with context.owner():
        operator = User.objects.create_user("operator@example.com", password="x")
        former = User.objects.create_user("former-operator@example.com", password="x")
        Operator.objects.create(user=operator)
        Operator.objects.create(user=former, ended_at=timezone.now())
    with context.operator():
        found = set(Credential.objects.values_list("user__email", flat=True))
    assert found == {"operator@example.com"}


def test_the_console_cannot_give_a_member_a_password(two_tenants: TwoTenants) -> None:
    with context.owner():
        member = User.objects.get(email="owner@acme.example")
        Credential.objects.filter(user=member).delete()
    with pytest.raises(ProgrammingError, match="row-level security"), context.operator():
        Credential.objects.create(user=member, password_hash="x")


# The rules behind them.


@pytest.mark.parametrize(
    "kind", [context.public, context.identity, context.operator, context.owner, context.backup]
)
def test_current_tenant_is_null_for_every_role_that_is_no_tenant(module_db: str, kind: Any) -> None:
    with kind() as entered, connections[entered.alias].cursor() as cursor:
        cursor.execute("SELECT public.current_tenant() IS NULL")
        assert cursor.fetchone() == (True,)


def test_current_tenant_is_the_role_s(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]), connections["default"].cursor() as cursor:
        cursor.execute("SELECT public.current_tenant()")
        assert cursor.fetchone() == (two_tenants[0].id,)


def test_a_key_cannot_point_at_a_membership_of_another_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with pytest.raises(IntegrityError, match="apikey_membership_id_same_tenant"), context.owner():
        ApiKey.objects.create(tenant_id=acme.id, membership=membership(globex), name="x", prefix="x")


def test_a_digest_cannot_point_at_a_key_of_another_tenant(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with pytest.raises(IntegrityError, match="apikeydigest_key_id_same_tenant"), context.owner():
        ApiKeyDigest.objects.create(key=key(globex), tenant_id=acme.id, digest=b"x" * 32)


# The operations.


@pytest.fixture(scope="module")
def empty_db(module_db: str, django_db_blocker: Any) -> Iterator[str]:
    """A migrated database without tenants, whose migrations can be taken back."""
    name = f"{environment.DATABASE}_reversible"
    with django_db_blocker.unblock():
        databases.create(name)
    yield name
    databases.drop(name)


def test_the_operations_forwards_and_backwards_leave_what_was_there(empty_db: str) -> None:
    with databases.pointing_at(empty_db):
        after = public_facts()
        for app in ("billing", "tenants"):
            call_command("migrate", app, "0001", verbosity=0)
        assert not [fact for fact in public_facts() if "policy" in fact.split()[0]]
        assert not secured_tables()
        call_command("migrate", verbosity=0)
        assert catalog.difference(public_facts(), after) == []


def public_facts() -> list[str]:
    return catalog.facts(connections["owner"], "public")


def secured_tables() -> set[str]:
    with context.owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity"
        )
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (rls.EnableRLS("Tenant"), "Force row-level security on Tenant"),
        (rls.RolePolicy("Tenant", "console"), "Policy of console on Tenant"),
        (rls.TenantPolicy("Domain"), "Policy of tenant on Domain"),
        (
            rls.CompositeForeignKey("ApiKey", "membership_id", "x"),
            "ApiKey.membership_id stays inside its tenant",
        ),
        (rls.SecurityInvokerView("a", "SELECT 1"), "View a, read with the rights of whoever asks"),
    ],
)
def test_an_operation_says_what_it_does(operation: Operation, words: str) -> None:
    assert operation.describe() == words


def test_an_operation_survives_being_written_to_a_file() -> None:
    name, arguments, keywords = rls.TenantPolicy("Domain", "owner_id").deconstruct()
    copy = getattr(rls, name)(*arguments, **keywords)
    assert copy.model_name == "Domain"
    assert copy.rule().as_string(None) == '"owner_id" = (SELECT public.current_tenant())'


# Each operation by itself, on a table of nobody.


NOTE = migrations.CreateModel(
    "Note",
    [
        ("id", models.UUIDField(primary_key=True)),
        ("tenant_id", models.UUIDField()),
        ("about_id", models.UUIDField(null=True)),
    ],
    options={"db_table": "a_note"},
)
UNIQUE = migrations.AddConstraint(
    "Note", models.UniqueConstraint(fields=["tenant_id", "id"], name="a_note_tenant_id_id")
)
ON_A_TABLE: list[Operation] = [
    rls.EnableRLS("Note"),
    rls.RolePolicy("Note", "console", "about_id IS NULL"),
    rls.TenantPolicy("Note"),
    rls.CompositeForeignKey("Note", "about_id", "a_note"),
    grants.Grant("Note", "tenant", "SELECT, INSERT"),
    rls.SecurityInvokerView("a_view", "SELECT id FROM public.a_note", ("tenant", "console")),
]


class Bench:
    """A place to run single operations in, as `migrate` does, on the state that the ones before have made."""

    def __init__(self, *operations: Operation) -> None:
        self.state = ProjectState()
        for operation in operations:
            self.run(operation)

    def run(self, operation: Operation) -> None:
        after = self.state.clone()
        operation.state_forwards("tenants", after)
        with connections["owner"].schema_editor() as editor:
            operation.database_forwards("tenants", editor, self.state, after)
        self.state = after

    def run_backwards(self, operation: Operation) -> None:
        with connections["owner"].schema_editor() as editor:
            operation.database_backwards("tenants", editor, self.state, self.state)


@pytest.mark.parametrize("operation", ON_A_TABLE, ids=lambda operation: type(operation).__name__)
def test_an_operation_forwards_backwards_and_forwards_again(fresh_db: str, operation: Operation) -> None:
    bench = Bench(NOTE, UNIQUE)
    before = public_facts()
    bench.run(operation)
    after = public_facts()
    assert catalog.difference(after, before) != []
    bench.run_backwards(operation)
    assert catalog.difference(public_facts(), before) == []
    bench.run(operation)
    assert catalog.difference(public_facts(), after) == []


def test_a_composite_key_keeps_both_ends_in_one_tenant(fresh_db: str) -> None:
    Bench(NOTE, UNIQUE, rls.CompositeForeignKey("Note", "about_id", "a_note"))
    one, other, mine, theirs = (str(ids.new()) for _ in range(4))
    add = "INSERT INTO public.a_note (tenant_id, id, about_id) VALUES (%s, %s, %s)"
    with context.owner(), connections["owner"].cursor() as cursor:
        cursor.execute(add, [one, mine, None])
        cursor.execute(add, [one, str(ids.new()), mine])
    with pytest.raises(IntegrityError, match="same_tenant"), context.owner():
        connections["owner"].cursor().execute(add, [other, theirs, mine])


def test_a_composite_key_takes_its_rows_along_or_keeps_what_they_point_at(fresh_db: str) -> None:
    add = "INSERT INTO public.a_note (tenant_id, id, about_id) VALUES (%s, %s, %s)"
    bench = Bench(NOTE, UNIQUE)
    for action, left in (("CASCADE", 0), ("NO ACTION", 2)):
        key = rls.CompositeForeignKey("Note", "about_id", "a_note", action)
        bench.run(key)
        one, mine, other = (str(ids.new()) for _ in range(3))
        with context.owner(), connections["owner"].cursor() as cursor:
            cursor.execute(add, [one, mine, None])
            cursor.execute(add, [one, other, mine])
        with suppress(IntegrityError), context.owner(), connections["owner"].cursor() as cursor:
            cursor.execute("DELETE FROM public.a_note WHERE id = %s", [mine])
        with context.owner(), connections["owner"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM public.a_note")
            assert cursor.fetchone() == (left,)
        bench.run_backwards(key)


def test_a_composite_key_has_one_of_two_actions() -> None:
    with pytest.raises(ValueError, match="SET NULL"):
        rls.CompositeForeignKey("Note", "about_id", "a_note", "SET NULL")


def test_a_tenant_s_schema_skips_what_belongs_to_public(
    fresh_db: str, two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(NOTE, UNIQUE)
    before = public_facts()
    monkeypatch.setattr(connections["owner"], "schema_name", two_tenants[0].schema_name)
    for operation in ON_A_TABLE:
        bench.run(operation)
    assert catalog.difference(public_facts(), before) == []


# Views.


PROTECTED = (*grants.protect("Note", tenant="SELECT", console="SELECT"),)


def notes_of(enter: Any, name: str) -> set[str]:
    with enter() as entered, connections[entered.alias].cursor() as cursor:
        cursor.execute(f"SELECT tenant_id::text FROM public.{name}")
        return {tenant for (tenant,) in cursor.fetchall()}


@pytest.fixture
def noted(fresh_db: str, two_tenants: TwoTenants) -> Bench:
    bench = Bench(NOTE, UNIQUE, *PROTECTED)
    with context.owner(), connections["owner"].cursor() as cursor:
        for tenant in two_tenants:
            cursor.execute(
                "INSERT INTO public.a_note (tenant_id, id) VALUES (%s, %s)", [tenant.id, ids.new()]
            )
    return bench


def test_a_view_shows_each_tenant_its_own_rows(noted: Bench, two_tenants: TwoTenants) -> None:
    noted.run(rls.SecurityInvokerView("a_view", "SELECT tenant_id FROM a_note", ("tenant", "console")))
    both = {str(tenant.id) for tenant in two_tenants}
    for tenant in two_tenants:
        assert notes_of(lambda tenant=tenant: context.use(tenant), "a_view") == {str(tenant.id)}
    assert notes_of(context.operator, "a_view") == both


def test_who_may_not_read_the_table_may_not_read_it_through_the_view(noted: Bench) -> None:
    noted.run(rls.SecurityInvokerView("a_view", "SELECT tenant_id FROM a_note", ("identity",)))
    with pytest.raises(ProgrammingError, match="permission denied for table a_note"):
        notes_of(context.identity, "a_view")


def test_an_ordinary_view_would_show_a_tenant_everything(noted: Bench, two_tenants: TwoTenants) -> None:
    """What the operation is for: without it the owner's policy answers."""
    noted.run(
        migrations.RunSQL(
            "CREATE VIEW public.open AS SELECT * FROM a_note; GRANT SELECT ON public.open TO tenant"
        )
    )
    assert notes_of(lambda: context.use(two_tenants[0]), "open") == {str(t.id) for t in two_tenants}


@pytest.mark.parametrize(
    "between",
    [
        "CREATE VIEW public.between AS SELECT * FROM a_note",
        "CREATE MATERIALIZED VIEW public.between AS SELECT * FROM a_note",
        "CREATE VIEW public.first AS SELECT * FROM a_note;"
        " CREATE VIEW public.between WITH (security_invoker = on) AS SELECT * FROM public.first",
    ],
)
def test_a_view_over_what_reads_past_policies_is_refused(noted: Bench, between: str) -> None:
    noted.run(migrations.RunSQL(between))
    before = public_facts()
    with pytest.raises(exceptions.UnsafeView, match=r"between|first"):
        noted.run(rls.SecurityInvokerView("a_view", "SELECT tenant_id FROM public.between", ("tenant",)))
    assert catalog.difference(public_facts(), before) == []


def test_a_view_over_a_view_of_ours_is_made(noted: Bench, two_tenants: TwoTenants) -> None:
    noted.run(rls.SecurityInvokerView("first", "SELECT tenant_id FROM a_note", ("tenant",)))
    noted.run(rls.SecurityInvokerView("second", "WITH x AS (SELECT * FROM first) TABLE x", ("tenant",)))
    assert notes_of(lambda: context.use(two_tenants[0]), "second") == {str(two_tenants[0].id)}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1; DROP TABLE a_note",
        "DELETE FROM a_note",
        "",
        "SELECT 1; ",
        "CREATE VIEW x AS SELECT 1",
        "selection",
    ],
)
def test_a_view_is_made_of_one_select(query: str) -> None:
    with pytest.raises(exceptions.UnsafeView, match="one SELECT"):
        rls.SecurityInvokerView("a_view", query)


def test_a_view_of_a_tenant_app_stands_in_the_tenant_s_schema(
    fresh_db: str, two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme, _ = two_tenants
    view = rls.SecurityInvokerView("cheap", "SELECT name FROM commerce_product WHERE price < 100")
    owner, before = connections["owner"], public_facts()
    monkeypatch.setattr(owner, "schema_name", acme.schema_name)
    with context.owner(), ddl.inside(acme.id), owner.schema_editor() as editor:
        view.database_forwards("commerce", editor, ProjectState(), ProjectState())
    assert catalog.difference(public_facts(), before) == []
    with context.use(acme), connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cheap")
        assert cursor.fetchone() == (0,)
