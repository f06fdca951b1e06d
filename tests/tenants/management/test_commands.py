"""The operators' commands through their door: what they do, what they print, what they refuse with which exit code."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from saas import local
from saas.commerce.models import Product
from tenants import audit_log, context, directory, lifecycle
from tenants.directory import entry_of
from tenants.models import AuditEntry, Backup, Domain, Operator, Tenant, User
from tenants.record import sealing
from tenants.testing import TenantClient
from tests import factories

pytestmark = pytest.mark.usefixtures("fresh_db")


def run(*arguments: Any) -> Any:
    """Return what the command prints as JSON."""
    out = StringIO()
    call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def find(slug: str) -> Tenant:
    with context.operator():
        return lifecycle.find(slug)


def names() -> tuple[set[str], set[str]]:
    """Return the names of all schemas and roles that are a tenant's."""
    with context.owner(), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^t_'")
        schemas = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname ~ '^t_'")
        return schemas, {name for (name,) in cursor.fetchall()}


def test_tenant_create_makes_a_tenant_that_answers_and_an_owner_who_can_sign_in() -> None:
    made = run(
        "tenant_create", "umbrella", "--name", "Umbrella", "--plan", "pro", "--owner", "u@umbrella.example"
    )
    client = TenantClient(entry_of(find("umbrella")))
    body = {"email": "u@umbrella.example", "password": made["password"]}
    assert client.post("/api/v1/session", body, content_type="application/json").status_code == 200
    assert client.get("/api/v1/me").json()["tenant"]["plan"] == "pro"
    assert made["schema"] in names()[0]


def test_tenant_create_gives_a_person_who_exists_no_new_password() -> None:
    assert "password" not in run("tenant_create", "umbrella", "--owner", "owner@acme.example")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["Umbrella"], "is no slug"),
        (["ümbrella"], "is no slug"),
        (["u" * 64], "is no slug"),
        (["admin"], "reserved"),
        (["acme"], "is taken"),
        (["ACME"], "is no slug"),
        (["umbrella", "--plan", "gold"], "Plans: free, pro, enterprise"),
        (["umbrella", "--owner", "nobody"], "is no e-mail address"),
    ],
)
def test_tenant_create_refuses_and_leaves_nothing_behind(arguments: list[str], reason: str) -> None:
    before = names()
    with context.operator():
        rows = (
            Tenant.objects.count(),
            Domain.objects.count(),
            User.objects.count(),
            AuditEntry.objects.count(),
        )
    with pytest.raises(CommandError, match=reason):
        run("tenant_create", *arguments)
    with context.operator():
        after = (
            Tenant.objects.count(),
            Domain.objects.count(),
            User.objects.count(),
            AuditEntry.objects.count(),
        )
    assert (names(), after) == (before, rows)


def test_tenant_list_shows_states_and_hides_the_destroyed() -> None:
    run("tenant_suspend", "globex")
    run("tenant_destroy", "initech", "--yes")
    assert {row["slug"]: row["state"] for row in run("tenant_list")} == {
        "acme": "active",
        "globex": "suspended",
    }
    assert {row["slug"] for row in run("tenant_list", "--all")} == {"acme", "globex", "initech"}


def test_tenant_suspend_and_resume_close_and_open_the_host() -> None:
    client = TenantClient(entry_of(find("globex")))
    assert client.get("/").status_code == 200
    run("tenant_suspend", "globex", "--reason", "unpaid")
    directory.clear()
    assert client.get("/").status_code == 403
    run("tenant_resume", "globex")
    directory.clear()
    assert client.get("/").status_code == 200
    with context.operator():
        actions = (
            AuditEntry.objects.filter(tenant__slug="globex").order_by("at").values_list("action", flat=True)
        )
        assert list(actions)[-2:] == ["tenant.suspended", "tenant.resumed"]


def test_tenant_rename_moves_the_host_and_not_the_data() -> None:
    before = find("globex")
    assert run("tenant_rename", "globex", "globe")["host"] == "globe.localhost"
    assert find("globe").schema_name == before.schema_name
    with pytest.raises(CommandError, match="is taken"):
        run("tenant_rename", "globe", "acme")


def test_tenant_destroy_wants_to_be_told_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("yes"))
    with pytest.raises(CommandError, match="--yes"):
        run("tenant_destroy", "acme")
    assert find("acme").state == "active"


def test_tenant_destroy_leaves_no_schema_and_no_role_and_frees_the_slug() -> None:
    schema = run("tenant_create", "umbrella")["schema"]
    schemas, roles = names()
    assert schema in schemas & roles
    run("tenant_destroy", "umbrella", "--yes")
    schemas, roles = names()
    assert schema not in schemas | roles
    assert run("tenant_create", "umbrella")["slug"] == "umbrella"


def test_tenant_destroy_leaves_the_role_to_another_database_of_the_cluster() -> None:
    schema = find("acme").schema_name
    run("tenant_destroy", "acme", "--yes")
    schemas, roles = names()
    assert schema not in schemas
    assert schema in roles  # the template has the same tenant


def test_tenant_run_works_in_the_tenant_and_nowhere_else() -> None:
    code = "from saas.commerce import products; products.create(name='Lamp', price=1, currency='EUR')"
    call_command("tenant_run", "acme", "shell", "-v0", "-c", code)
    counts = {}
    for slug in ("acme", "globex"):
        with context.use(find(slug)):
            counts[slug] = Product.objects.count()
    assert counts == {"acme": 1, "globex": 0}


def test_tenant_rotate_signs_everybody_out_and_asks_first() -> None:
    acme = entry_of(find("acme"))
    client = TenantClient(acme).sign_in(factories.member(acme))
    assert client.get("/api/v1/me").status_code == 200
    with pytest.raises(CommandError, match="--yes"):
        run("tenant_rotate", "acme")
    assert client.get("/api/v1/me").status_code == 200
    run("tenant_rotate", "acme", "--yes")
    assert client.get("/api/v1/me").status_code == 401


def test_tenant_run_keeps_nothing_of_a_command_that_fails() -> None:
    code = "from saas.commerce import products; products.create(name='Lamp', price=1, currency='EUR'); 1 / 0"
    with pytest.raises(ZeroDivisionError):
        call_command("tenant_run", "acme", "shell", "-v0", "-c", code)
    with context.use(find("acme")):
        assert Product.objects.count() == 0


@pytest.mark.parametrize("command", ["tenant_suspend", "tenant_resume", "tenant_run", "backup_take"])
def test_commands_name_a_tenant_that_does_not_exist(command: str) -> None:
    arguments = ["check"] if command == "tenant_run" else []
    with pytest.raises(CommandError, match="no tenant 'nobody'"):
        call_command(command, "nobody", *arguments)


def test_operator_create_lets_a_person_into_the_console() -> None:
    made = run("operator_create", "op@example.com")
    with context.operator():
        assert Operator.objects.filter(user__email="op@example.com", ended_at=None).exists()
        assert User.objects.get(email="op@example.com").check_password(made["password"])


def test_key_create_makes_a_key_that_works_and_refuses_an_outsider() -> None:
    client = TenantClient(entry_of(find("acme")))
    client.defaults["HTTP_AUTHORIZATION"] = (
        f"Bearer {run('key_create', 'acme', 'owner@acme.example')['secret']}"
    )
    assert client.get("/api/v1/me").json()["role"] == "owner"
    with pytest.raises(CommandError, match="is no member"):
        run("key_create", "acme", "owner@globex.example")


def test_key_create_gives_scopes_and_an_end() -> None:
    made = run("key_create", "acme", "owner@acme.example", "--scope", "tenant.read", "--days", "2")
    client = TenantClient(entry_of(find("acme")))
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {made['secret']}"
    assert client.get("/api/v1/me").json()["permissions"] == ["tenant.read"]
    assert client.get("/api/v1/products").status_code == 403
    left = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=1) < left <= timedelta(days=2)
    with pytest.raises(CommandError, match="Scopes are permissions"):
        run("key_create", "acme", "owner@acme.example", "--scope", "tenant.eat")


def test_key_rotate_shows_the_successor_and_refuses_another_tenant_s_key() -> None:
    old = run("key_create", "acme", "owner@acme.example")
    with pytest.raises(CommandError, match="no such key"):
        run("key_rotate", "globex", old["id"])
    new = run("key_rotate", "acme", old["id"], "--overlap-hours", "0")
    client = TenantClient(entry_of(find("acme")))
    for secret, status in ((old["secret"], 401), (new["secret"], 200)):
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        assert client.get("/api/v1/me").status_code == status


def test_signing_keys_are_rotated_listed_and_retired() -> None:
    first = run("signing_keys", "rotate")
    second = run("signing_keys", "rotate")
    states = {row["kid"]: row["state"] for row in run("signing_keys", "list")}
    assert states == {first["kid"]: "signs", second["kid"]: "waits"}
    run("signing_keys", "retire", first["kid"], "--now")
    assert [(row["kid"], row["state"]) for row in run("signing_keys", "list")] == [(second["kid"], "signs")]
    with pytest.raises(CommandError, match="No signing key"):
        run("signing_keys", "retire", first["kid"])
    with pytest.raises(CommandError, match="Name the key"):
        run("signing_keys", "retire")


def test_a_backup_is_taken_and_restored_as_a_new_tenant() -> None:
    with context.use(find("acme")):
        Product.objects.create(name="Lamp", slug="lamp", sku="L-1", price=1, currency="EUR")
    taken = run("backup_take", "acme")
    assert taken["state"] == "finished"
    run("backup_restore", taken["id"], "acme-copy")
    with context.use(find("acme-copy")):
        assert Product.objects.get().name == "Lamp"


def test_backup_restore_refuses_a_backup_that_is_not_finished() -> None:
    with context.operator():
        backup = Backup.objects.create(tenant=lifecycle.find("acme"), requested_by="test")
    with pytest.raises(CommandError, match="requested"):
        run("backup_restore", str(backup.id), "acme-copy")


def test_tenant_run_dbshell_is_psql_as_the_tenant(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    tenant = find("acme")
    monkeypatch.setenv("LEASEHOLD_PG_BINDIR", str(local.find_postgres()))
    question = "SELECT current_user, (SELECT count(*) FROM commerce_product)"
    call_command("tenant_run", "acme", "dbshell", "--", "-Atc", question)
    assert capfd.readouterr().out.strip() == f"{tenant.schema_name}|0"


def test_tenant_run_dbshell_ends_as_psql_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEASEHOLD_PG_BINDIR", str(local.find_postgres()))
    with pytest.raises(SystemExit) as ended:
        call_command("tenant_run", "acme", "dbshell", "--", "-c", "SELECT nothing")
    assert ended.value.code == 1


def test_tenant_run_dbshell_says_that_psql_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any
) -> None:
    settings.LEASEHOLD_PG_BINDIR = ""
    monkeypatch.delenv("LEASEHOLD_PG_BINDIR", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match="no psql on the PATH"):
        call_command("tenant_run", "acme", "dbshell")


@pytest.mark.parametrize("command", ["tenants_audit", "backup_take", "migrate"])
def test_tenant_run_refuses_what_works_on_the_whole_installation(command: str) -> None:
    with pytest.raises(CommandError, match=f"run `manage.py {command}` by itself"):
        call_command("tenant_run", "acme", command)


def test_tenant_run_names_a_command_that_does_not_exist() -> None:
    with pytest.raises(CommandError, match="no command 'nothing'"):
        call_command("tenant_run", "acme", "nothing")


def test_a_table_shows_names_as_they_are_and_whole() -> None:
    # To a program; a terminal folds what is too long for it.
    slug, name = "a-slug-of-forty-characters-and-one-to-top", "Brackets [bold]are[/bold] [/no] style"
    run("tenant_create", slug, "--name", name)
    out = StringIO()
    call_command("tenant_list", stdout=out)
    assert name in out.getvalue()
    assert f"{slug}.localhost" in out.getvalue()


def test_times_are_iso_for_programs_and_short_for_people() -> None:
    text = run("tenant_suspend", "globex")["suspended_at"]
    made = datetime.fromisoformat(text)
    assert made.isoformat() == text
    out = StringIO()
    call_command("tenant_suspend", "globex", stdout=out)
    assert f"suspended at: {made.astimezone(UTC):%Y-%m-%d %H:%M} UTC" in out.getvalue().splitlines()


def test_tenant_domain_shows_the_primary_host_first() -> None:
    out = StringIO()
    call_command("tenant_domain", "acme", "add", "shop.example.com", stdout=out)
    rows = [line.split("│")[1:3] for line in out.getvalue().splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["acme.localhost", "yes"],
        ["shop.example.com", "no"],
    ]


def test_tenant_strict_gives_a_login_and_takes_it(settings: Any) -> None:
    settings.LEASEHOLD_STRICT_KEY = "a key of the tests, long and varied enough: 0123456789"
    tenant = lifecycle.create("umbrella", by="test")
    assert run("tenant_strict", "umbrella")["strict_since"]
    assert can_log_in(tenant)
    assert [row["slug"] for row in run("tenant_list") if row["strict_since"]] == ["umbrella"]
    call_command("tenant_list", stdout=(out := StringIO()))
    assert [line.split()[1] for line in out.getvalue().splitlines() if "active, strict" in line] == [
        "umbrella"
    ]
    assert run("tenant_strict", "umbrella", "--off") == {"slug": "umbrella", "strict_since": None}
    assert not can_log_in(tenant)


def test_tenant_strict_names_the_key_that_it_lacks() -> None:
    with pytest.raises(CommandError, match="LEASEHOLD_STRICT_KEY"):
        run("tenant_strict", "acme")


def can_log_in(tenant: Tenant) -> bool:
    with context.owner(), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [tenant.schema_name])
        return bool(cursor.fetchone()[0])


def test_record_verify_names_what_was_tampered_with_and_fails() -> None:
    with context.operator():
        audit_log.record(find("acme").id, "tested", by="test")
    sealing.seal_all()
    (clean,) = run("record_verify", "acme")
    assert (clean["slug"], clean["findings"], clean["unsealed"]) == ("acme", [], 0)
    assert run("record_verify", "acme", "--head", clean["head"])[0]["findings"] == []
    with context.owner():
        AuditEntry.objects.filter(action="tested").update(actor="nobody")
    out = StringIO()
    with pytest.raises(CommandError, match="1 findings"):
        call_command("record_verify", "--all", stdout=out)
    assert "acme: entry-changed at entry" in out.getvalue()
    assert "globex: " not in out.getvalue()


def test_record_verify_says_that_a_head_is_not_in_the_chain() -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="1 findings"):
        call_command("record_verify", "acme", "--head", "f" * 64, stdout=out)
    assert "acme: chain-cut" in out.getvalue()


@pytest.mark.parametrize("arguments", [[], ["acme", "--all"], ["--all", "--head", "f"], ["nobody"]])
def test_record_verify_refuses_what_it_cannot_answer(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"Name a tenant|Name it|no such tenant"):
        call_command("record_verify", *arguments)


def test_operator_create_gives_the_role_and_operator_end_takes_it() -> None:
    assert run("operator_create", "first@example.com", "--role", "admin")["role"] == "admin"
    assert run("operator_create", "second@example.com")["role"] == "support"
    with pytest.raises(CommandError, match="another operator an admin"):
        run("operator_end", "first@example.com")
    run("operator_end", "second@example.com")
    with pytest.raises(CommandError, match="no operator"):
        run("operator_end", "second@example.com")
    with context.operator():
        assert list(Operator.objects.filter(ended_at=None).values_list("user__email", flat=True)) == [
            "first@example.com"
        ]


def test_factors_reset_takes_them_for_a_reason_by_an_operator_who_may() -> None:
    run("operator_create", "op@example.com", "--role", "support")
    run("operator_create", "money@example.com", "--role", "billing")
    with context.identity():
        user = User.objects.get(email="owner@acme.example")
    factories.app(user)
    arguments = ["factors_reset", user.email, "--yes", "--reason", "Ticket 4711: a lost phone", "--operator"]
    for who, refusal in (("money@example.com", "factors"), ("nobody@example.com", "no operator")):
        with pytest.raises(CommandError, match=refusal):
            run(*arguments, who)
    with pytest.raises(CommandError, match="nobody with the address"):
        run("factors_reset", "ghost@example.com", *arguments[2:], "op@example.com")
    with pytest.raises(CommandError, match="Repeat with --yes"):
        run("factors_reset", user.email, *arguments[3:], "op@example.com")
    assert run(*arguments, "op@example.com") == {"email": user.email, "removed": "recovery_codes, totp"}
    with context.use(find("acme")):
        entry = AuditEntry.objects.get(action="factors.reset")
    assert (entry.actor, entry.source) == ("op@example.com", "manage.py factors_reset")


def test_impersonate_prints_an_address_that_works_once() -> None:
    run("operator_create", "op@example.com", "--role", "engineer")
    options = ["--operator", "op@example.com", "--reason", "Ticket 4711: look at it"]
    made = run("impersonate", "acme", "owner@acme.example", *options, "--minutes", "5")
    code = made["address"].partition("http://acme.localhost/impersonation?code=")[2]
    client = TenantClient(entry_of(find("acme")))
    assert client.post("/impersonation", {"code": code}).status_code == 302
    assert client.get("/api/v1/me").json()["email"] == "owner@acme.example"
    assert client.post("/impersonation", {"code": code}).status_code == 403


@pytest.mark.parametrize(
    ("member", "operator", "reason", "message"),
    [
        ("owner@globex.example", "op@example.com", "Ticket 4711: look", "is no member of acme"),
        ("owner@acme.example", "owner@acme.example", "Ticket 4711: look", "does not include impersonate"),
        ("owner@acme.example", "nobody@example.com", "Ticket 4711: look", "is no operator"),
        ("owner@acme.example", "op@example.com", "because", "Give a reason"),
    ],
)
def test_impersonate_refuses(member: str, operator: str, reason: str, message: str) -> None:
    run("operator_create", "op@example.com", "--role", "support")
    with pytest.raises(CommandError, match=message):
        run("impersonate", "acme", member, "--operator", operator, "--reason", reason)
