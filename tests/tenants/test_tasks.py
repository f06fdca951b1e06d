"""Tasks and their signed scope: what is published, what a worker runs, and what it refuses. The broker is real."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import kombu
import pytest
from celery import group, shared_task
from celery._state import _task_stack  # type: ignore[attr-defined]
from celery.exceptions import Retry
from celery.signals import beat_init
from django.conf import settings
from django.core import signing
from django.core.cache import caches
from django.db import connections
from django.utils import timezone

from billing import usage
from billing.models import UsageHour
from billing.tasks import roll_up
from saas.celery import app
from saas.commerce.models import Category
from tenants import audit_log, context, exceptions, lifecycle, tasks
from tenants.backups import ledger, store, take
from tenants.directory import Entry
from tenants.models import AuditEntry, Backup
from tenants.tasks import HEADER, BackupTask, OperatorTask, ScopedTask, TenantTask
from tests import environment
from tests.tenants import small_tasks

TwoTenants = tuple[Entry, Entry]
ID = "11111111-2222-4333-8444-555555555555"


def who() -> tuple[str, str]:
    current = context.current()
    assert current is not None
    with connections[current.alias].cursor() as cursor:
        cursor.execute("SELECT session_user::text, current_user::text")
        found: tuple[str, str] = cursor.fetchone()
        return found


@shared_task(base=TenantTask, name="tests.note")
def note(slug: str) -> tuple[str, str]:
    Category.objects.create(name="x", slug=slug)
    audit_log.record(context.tenant_id(), "noted", by="test")
    return who()


@shared_task(base=TenantTask, name="tests.stumble")
def stumble(slug: str) -> None:
    Category.objects.create(name="x", slug=slug)
    raise ZeroDivisionError


@shared_task(base=TenantTask, bind=True, name="tests.again")
def again(task: TenantTask) -> None:
    raise task.retry(countdown=0)


@shared_task(base=OperatorTask, name="tests.survey")
def survey() -> tuple[str, str]:
    return who()


@shared_task(base=BackupTask, bind=True, name="tests.fetch")
def fetch(task: BackupTask) -> UUID:
    assert context.current() is None
    found: UUID = task.request.leasehold_tenant  # type: ignore[attr-defined]
    return found


@pytest.fixture
def broker() -> Iterator[Callable[[str], list[Any]]]:
    """Empty the queues, and return what reads the messages of one."""
    with kombu.Connection(settings.CELERY_BROKER_URL) as connection:

        def read(queue: str = "celery") -> list[Any]:
            found: list[Any] = []
            with connection.SimpleQueue(queue) as simple:
                while True:
                    try:
                        message = simple.get(block=False)
                    except simple.Empty:
                        return found
                    message.ack()
                    found.append(message)

        for queue in ("celery", "ddl"):
            read(queue)
        yield read


def receive(task: Any, *args: Any, header: object = None, task_id: str = ID) -> Any:
    """Run a task as a worker does that received a message with this header."""
    headers = {} if header is None else {HEADER: header}
    task.push_request(id=task_id, called_directly=False, args=args, kwargs={}, **headers)
    try:
        return task(*args)
    finally:
        task.pop_request()


def sign(tenant: Entry | None, task: Any, *args: Any, task_id: str = ID) -> str:
    return tasks.sign(scope_of(tenant), task.name, task_id, args)


def scope_of(tenant: Entry | None) -> tasks.Scope:
    return tasks.Scope(tasks.OPERATOR) if tenant is None else tasks.Scope(tenant.id.hex, tenant.epoch)


def scope_in(message: Any) -> tasks.Scope:
    """Return the scope of a published message, verified."""
    args, kwargs, _ = message.payload
    headers = message.headers
    return tasks.verify(headers[HEADER], headers["task"], headers["id"], args, kwargs)


def noted(tenant: Entry, slug: str) -> bool:
    with context.use(tenant):
        return Category.objects.filter(slug=slug).exists()


# What a worker runs.


def test_a_tenant_s_task_runs_in_its_context_and_commits(fresh_db: str, two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    assert receive(note, "a", header=sign(acme, note, "a")) == ("app", acme.schema_name)
    assert noted(acme, "a")
    assert not noted(globex, "a")
    with context.use(acme):
        assert AuditEntry.objects.get(action="noted").source == "task tests.note"
    assert audit_log.source.get() == ""


def test_a_task_that_fails_is_rolled_back(fresh_db: str, two_tenants: TwoTenants) -> None:
    with pytest.raises(ZeroDivisionError):
        receive(stumble, "a", header=sign(two_tenants[0], stumble, "a"))
    assert not noted(two_tenants[0], "a")
    assert context.current() is None


def test_an_operator_s_task_runs_under_the_console_s_login(fresh_db: str) -> None:
    assert receive(survey, header=sign(None, survey)) == ("console", "console")


def test_a_backup_s_task_knows_its_tenant_and_enters_nothing(two_tenants: TwoTenants) -> None:
    assert receive(fetch, header=sign(two_tenants[0], fetch)) == two_tenants[0].id


def test_called_as_a_function_it_is_a_function(acme: Entry) -> None:
    assert note("a") == ("app", acme.schema_name)


# What it refuses.


HEADERS: dict[str, object] = {
    "none": None,
    "empty": "",
    "a word": "x",
    "a false signature": "x:y:z",
    "a number": 5,
    "a list": [],
    "another salt": signing.dumps(["a"] * 3, salt="other"),
    "too short": signing.dumps(["a"], salt=tasks.SALT),
    "without arguments": signing.dumps(["a"] * 3, salt=tasks.SALT),
    "a text": signing.dumps("abc", salt=tasks.SALT),
}


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("task", [note, survey, fetch], ids=lambda task: task.name)
def test_a_message_without_a_valid_scope_is_refused(db: None, task: Any, header: str) -> None:
    with pytest.raises(exceptions.InvalidScope):
        receive(task, *(["a"] if task is note else []), header=HEADERS[header])


def test_a_scope_signed_with_another_secret_is_refused(two_tenants: TwoTenants) -> None:
    forged = signing.dumps(
        ["operator", "", survey.name, ID, tasks._digest((), {})], salt=tasks.SALT, key="another secret"
    )
    with pytest.raises(exceptions.InvalidScope):
        receive(survey, header=forged)


def test_a_scope_of_another_task_is_refused(two_tenants: TwoTenants) -> None:
    with pytest.raises(exceptions.InvalidScope, match="another message"):
        receive(note, "a", header=sign(two_tenants[0], stumble, "a"))


def test_a_scope_of_another_message_is_refused(two_tenants: TwoTenants) -> None:
    header = sign(two_tenants[0], note, "a")
    with pytest.raises(exceptions.InvalidScope, match="another message"):
        receive(note, "a", header=header, task_id=ID.replace("1", "2"))


@pytest.mark.parametrize("task", [note, fetch], ids=lambda task: task.name)
def test_an_operator_s_scope_is_none_for_a_tenant_s_task(db: None, task: Any) -> None:
    with pytest.raises(exceptions.InvalidScope):
        receive(
            task, *(["a"] if task is note else []), header=sign(None, task, *(["a"] if task is note else []))
        )


def test_a_tenant_s_scope_is_none_for_an_operator_s_task(two_tenants: TwoTenants) -> None:
    with pytest.raises(exceptions.InvalidScope):
        receive(survey, header=sign(two_tenants[0], survey))


def test_a_backup_of_one_tenant_is_not_taken_with_the_scope_of_another(
    fresh_db: str, two_tenants: TwoTenants, settings: Any, tmp_path: Path
) -> None:
    acme, globex = two_tenants
    settings.LEASEHOLD_BACKUP_DIR = tmp_path
    with context.operator():
        backup = ledger.request(acme, by="test")
    assert (
        receive(tasks.take_backup, str(backup.id), header=sign(globex, tasks.take_backup, str(backup.id)))
        is False
    )
    assert (
        receive(tasks.take_backup, str(backup.id), header=sign(acme, tasks.take_backup, str(backup.id)))
        is True
    )


def test_every_task_of_ours_carries_a_scope() -> None:
    app.loader.import_default_modules()
    ours = {
        name: task for name, task in app.tasks.items() if name.split(".")[0] in ("tenants", "billing", "saas")
    }
    assert {"tenants.tasks.take_backup", "tenants.tasks.sweep", "billing.tasks.roll_up"} <= set(ours)
    assert [name for name, task in ours.items() if not isinstance(task, ScopedTask)] == []


# What is published.


def test_a_task_is_published_with_the_scope_of_the_context(broker: Any, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with context.use(acme):
        note.delay("a")
    (message,) = broker()
    assert scope_in(message) == scope_of(acme)


def test_the_scope_of_a_published_message_fits_that_message_alone(
    broker: Any, two_tenants: TwoTenants
) -> None:
    with context.use(two_tenants[0]):
        note.delay("a")
        note.delay("b")
    first, second = broker()
    with pytest.raises(exceptions.InvalidScope):
        receive(note, "a", header=first.headers[HEADER], task_id=second.headers["id"])


def test_every_message_of_a_group_has_a_scope_of_its_own(broker: Any, two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        group(note.s("a"), note.s("b"), stumble.s("c")).apply_async()
    messages = broker()
    assert len(messages) == 3
    for message in messages:
        assert scope_in(message) == scope_of(two_tenants[0])


def test_a_task_that_is_tried_again_keeps_a_valid_scope(broker: Any, two_tenants: TwoTenants) -> None:
    acme, _ = two_tenants
    with pytest.raises(Retry):
        receive(again, header=sign(acme, again))
    (message,) = broker()
    assert scope_in(message) == scope_of(acme)


def test_a_tenant_s_task_belongs_to_a_tenant(broker: Any, db: None) -> None:
    for publish in (lambda: note.delay("a"), lambda: fetch.delay()):
        with pytest.raises(exceptions.NoTenant, match="belongs to a tenant"):
            publish()
    with context.identity(), pytest.raises(exceptions.NoTenant):
        note.delay("a")
    assert broker() == []


def test_a_tenant_cannot_publish_for_another(broker: Any, two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.use(acme), pytest.raises(exceptions.WrongTenant):
        note.apply_async(["a"], tenant=globex)
    assert broker() == []


def test_a_tenant_cannot_publish_an_operator_s_task(broker: Any, two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]), pytest.raises(exceptions.WrongTenant):
        survey.delay()
    with context.identity(), pytest.raises(exceptions.WrongTenant):
        survey.delay()
    with pytest.raises(exceptions.WrongTenant):
        survey.apply_async(tenant=two_tenants[0])
    assert broker("ddl") == broker() == []


def test_an_operator_publishes_for_a_tenant_by_name(
    broker: Any, fresh_db: str, two_tenants: TwoTenants
) -> None:
    with context.operator():
        note.apply_async(["a"], tenant=two_tenants[1])
        survey.delay()
    assert [scope_in(message) for message in broker()] == [scope_of(two_tenants[1]), scope_of(None)]


# Backups by message.


@pytest.fixture
def asked(fresh_db: str, two_tenants: TwoTenants) -> Backup:
    with context.operator():
        return ledger.request(two_tenants[0], by="test")


def test_a_backup_is_sent_once_its_row_is_kept(broker: Any, asked: Backup) -> None:
    with context.operator():
        tasks.send(asked)
        assert broker() == []
    (message,) = broker()
    assert (scope_in(message).name, message.payload[0]) == (asked.tenant_id.hex, [str(asked.id)])


def test_it_is_not_sent_when_its_row_is_not_kept(broker: Any, asked: Backup) -> None:
    with context.operator():
        tasks.send(asked)
        context.roll_back()
    assert broker() == []


def test_a_broker_that_is_away_is_logged_and_left_to_the_sweep(
    asked: Backup, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = kombu.Connection(
        "redis://127.0.0.1:1/0", transport_options={"max_retries": 0, "socket_connect_timeout": 1}
    )
    publish = tasks.take_backup.apply_async
    monkeypatch.setattr(
        tasks.take_backup,
        "apply_async",
        lambda *args, **options: publish(*args, connection=nowhere, **options),
    )
    with context.operator():
        tasks.send(asked)
    assert "the sweep will send" in caplog.text
    with context.operator():
        assert Backup.objects.get(id=asked.id).state == "requested"


def test_the_nightly_run_asks_for_a_backup_of_each_tenant_once(broker: Any, fresh_db: str) -> None:
    assert receive(tasks.request_backups, header=sign(None, tasks.request_backups)) == 3
    assert len(broker()) == 3
    assert receive(tasks.request_backups, header=sign(None, tasks.request_backups)) == 0
    assert broker() == []


def test_the_sweep_sends_again_what_was_lost(broker: Any, asked: Backup) -> None:
    assert receive(tasks.sweep, header=sign(None, tasks.sweep)) == 0
    with context.owner():
        Backup.objects.update(requested_at=timezone.now() - ledger.PATIENCE - timedelta(seconds=1))
    assert receive(tasks.sweep, header=sign(None, tasks.sweep)) == 1
    (message,) = broker()
    assert message.payload[0] == [str(asked.id)]


# A real worker.


@pytest.fixture
def worker(fresh_db: str, broker: Any, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    assert environment.running is not None
    variables = {
        **os.environ,
        **environment.running.environment(fresh_db),
        "SECRET_KEY": settings.SECRET_KEY,
        "LEASEHOLD_BACKUP_DIR": str(tmp_path / "backups"),
    }
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "saas.celery",
        "worker",
        "-P",
        "solo",
        "-Q",
        "celery,ddl",
        "-l",
        "info",
    ]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, env=variables, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def eventually(found: Callable[[], bool], worker: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for what another process does; it has a minute, and fails at once when that process is gone."""
    for _ in range(600):
        if found():
            return
        assert worker.poll() is None, log.read_text()
        time.sleep(0.1)
    pytest.fail(log.read_text())


def test_a_worker_does_what_is_signed_and_nothing_else(
    worker: subprocess.Popen[bytes], two_tenants: TwoTenants, tmp_path: Path, settings: Any
) -> None:
    acme, globex = two_tenants
    with context.operator():
        forged, stolen, good = (ledger.request(acme, by="test") for _ in range(3))
    name = "tenants.tasks.take_backup"
    app.send_task(name, [str(forged.id)])
    header = tasks.sign(scope_of(globex), name, ID, [str(stolen.id)])
    app.send_task(name, [str(stolen.id)], headers={HEADER: header}, task_id=ID)
    with context.operator():
        tasks.send(good)
    log = tmp_path / "worker.log"
    eventually(lambda: state(good) == "finished", worker, log)
    assert (state(forged), state(stolen)) == ("requested", "requested")
    assert "InvalidScope" in log.read_text()
    settings.LEASEHOLD_BACKUP_DIR = tmp_path / "backups"
    manifest, digest = store.verify(store.directory(acme.id, good.id))
    with context.operator():
        assert Backup.objects.get(id=good.id).manifest_sha256 == digest
    assert manifest.tenant_id == str(acme.id)


def test_a_worker_rolls_up_what_web_processes_counted(
    worker: subprocess.Popen[bytes], two_tenants: TwoTenants, tmp_path: Path
) -> None:
    usage.count(two_tenants[0].id, "api_calls", 5)
    usage.flush()
    with context.operator():
        roll_up.delay()
    eventually(lambda: hours(two_tenants[0]) == [5], worker, tmp_path / "worker.log")


def state(backup: Backup) -> str:
    with context.operator():
        return Backup.objects.get(id=backup.id).state


def hours(tenant: Entry) -> list[int]:
    with context.use(tenant):
        return list(UsageHour.objects.values_list("quantity", flat=True))


def test_taking_a_backup_twice_by_two_messages_takes_it_once(
    fresh_db: str, two_tenants: TwoTenants, settings: Any, tmp_path: Path
) -> None:
    acme, _ = two_tenants
    settings.LEASEHOLD_BACKUP_DIR = tmp_path
    with context.operator():
        backup = ledger.request(acme, by="test")
    results = [
        receive(tasks.take_backup, str(backup.id), header=sign(acme, tasks.take_backup, str(backup.id)))
        for _ in range(2)
    ]
    assert results == [True, False]
    assert take.take(backup.id, acme.id) is False


# What follows a message, its arguments, its epoch.


def test_changed_arguments_are_refused(two_tenants: TwoTenants) -> None:
    header = sign(two_tenants[0], note, "a")
    for args in (["b"], [], ["a", "b"], [["a"]]):
        with pytest.raises(exceptions.InvalidScope):
            receive(note, *args, header=header)


def test_changed_keywords_are_refused(two_tenants: TwoTenants) -> None:
    header = tasks.sign(scope_of(two_tenants[0]), note.name, ID, [], {"slug": "a"})
    note.push_request(id=ID, called_directly=False, args=[], kwargs={"slug": "b"}, **{HEADER: header})
    with pytest.raises(exceptions.InvalidScope):
        note(slug="b")
    note.pop_request()


@pytest.mark.parametrize(
    "value",
    [(1, 2), {"a": (1,)}, {1: 2}, Decimal("1.50"), UUID(ID), date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), 1e100, None, "ü\0\u2028"],
    ids=repr,
)  # fmt: skip
def test_arguments_keep_their_signature_on_their_way(
    broker: Any, two_tenants: TwoTenants, value: Any
) -> None:
    with context.use(two_tenants[0]):
        note.apply_async([value])
        note.apply_async(kwargs={"slug": {"deeper": [value]}})
    for message in broker():
        assert scope_in(message) == scope_of(two_tenants[0])


@pytest.mark.parametrize("task", [note, fetch], ids=lambda task: task.name)
def test_a_message_from_before_a_new_epoch_is_refused(
    fresh_db: str, two_tenants: TwoTenants, task: Any
) -> None:
    args = ["a"] if task is note else []
    header = sign(two_tenants[0], task, *args)
    lifecycle.rotate_epoch("acme", by="test")
    with pytest.raises(exceptions.InvalidScope, match="rotated"):
        receive(task, *args, header=header)
    assert not noted(two_tenants[0], "a")


def test_what_follows_a_tenant_s_message_keeps_its_scope(broker: Any, two_tenants: TwoTenants) -> None:
    """Celery publishes the rest of a chain after the task has returned and its context was left."""
    acme, globex = two_tenants
    with following(note, acme, "a"):
        assert context.current() is None
        note.delay("b")
        with pytest.raises(exceptions.WrongTenant):
            note.apply_async(["c"], tenant=globex)
    (message,) = broker()
    assert scope_in(message) == scope_of(acme)


def test_nothing_that_follows_a_tenant_s_message_is_an_operator_s(
    broker: Any, two_tenants: TwoTenants
) -> None:
    with following(note, two_tenants[0], "a"), pytest.raises(exceptions.WrongTenant):
        survey.delay()
    assert broker() == []


def test_what_follows_an_operator_s_message_names_its_tenant(
    broker: Any, fresh_db: str, globex: Entry
) -> None:
    with following(survey, None):
        with pytest.raises(exceptions.NoTenant):
            note.delay("a")
        note.apply_async(["a"], tenant=globex)
        survey.delay()
    assert [scope_in(message) for message in broker()] == [scope_of(globex), scope_of(None)]


def test_nobody_s_code_publishes_an_operator_s_task(broker: Any, db: None) -> None:
    """A worker applies the links of a message also when it was refused, or when the task is one of Celery's own."""
    with pytest.raises(exceptions.WrongTenant):
        survey.delay()
    note.push_request(id=ID, called_directly=False, args=["a"], kwargs={})
    _task_stack.push(note)
    try:
        with pytest.raises(exceptions.InvalidScope):
            note("a")
        with pytest.raises(exceptions.WrongTenant):
            survey.delay()
    finally:
        _task_stack.pop()
        note.pop_request()
    assert broker() == []


def test_beat_publishes_operators_tasks_and_no_tenant_s(
    broker: Any, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_beat", threading.Event())
    beat_init.send(sender=None)
    survey.delay()
    with pytest.raises(exceptions.NoTenant):
        note.delay("a")
    assert [scope_in(message) for message in broker()] == [scope_of(None)]


def test_a_header_cannot_claim_that_it_was_verified(two_tenants: TwoTenants) -> None:
    forged = {"leasehold_verified": two_tenants[0].id.hex, "_verified": True, "leasehold_tenant": ID}
    note.push_request(id=ID, called_directly=False, args=["a"], kwargs={}, **forged)
    _task_stack.push(note)
    try:
        with pytest.raises(exceptions.InvalidScope):
            note("a")
        with pytest.raises(exceptions.NoTenant):
            note.delay("b")
    finally:
        _task_stack.pop()
        note.pop_request()


@contextmanager
def following(task: Any, tenant: Entry | None, *args: Any) -> Iterator[None]:
    """Run a task as a worker does, and stay where the worker publishes what follows."""
    header = sign(tenant, task, *args)
    task.push_request(id=ID, called_directly=False, args=args, kwargs={}, **{HEADER: header})
    _task_stack.push(task)
    try:
        task(*args)
        yield
    finally:
        _task_stack.pop()
        task.pop_request()


# Here and now.


def test_apply_runs_in_the_context_that_is_entered(acme: Entry) -> None:
    assert note.apply(["a"]).get() == ("app", acme.schema_name)


def test_apply_outside_of_a_tenant_is_refused(db: None) -> None:
    with pytest.raises(exceptions.NoTenant):
        note.apply(["a"])


@pytest.fixture
def eager() -> Iterator[None]:
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_eager_tasks_are_signed_and_verified_as_well(
    fresh_db: str, two_tenants: TwoTenants, eager: None
) -> None:
    acme, globex = two_tenants
    with context.operator():
        result = survey.delay()
    assert result.get() == ("console", "console")
    assert note.apply_async(["a"], tenant=globex).get() == ("app", globex.schema_name)
    with context.use(acme):
        assert note.delay("b").get() == ("app", acme.schema_name)
        with pytest.raises(exceptions.WrongTenant):
            note.apply_async(["c"], tenant=globex)
        with pytest.raises(exceptions.WrongTenant):
            survey.delay()
    assert (noted(globex, "a"), noted(acme, "b"), noted(globex, "b")) == (True, True, False)


def test_a_task_that_calls_itself_stays_in_its_context(two_tenants: TwoTenants) -> None:
    assert receive(nest, 2, header=sign(two_tenants[0], nest, 2)) == two_tenants[0].id.hex


@shared_task(base=TenantTask, name="tests.nest")
def nest(depth: int) -> str:
    return context.tenant_id().hex if depth == 0 else nest(depth - 1)


# A real worker, with everything that Celery can do to a message.


@pytest.fixture
def start_worker(
    fresh_db: str, broker: Any, tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    assert environment.running is not None
    variables = {
        **os.environ,
        **environment.running.environment(fresh_db),
        "SECRET_KEY": settings.SECRET_KEY,
    }
    started: list[subprocess.Popen[bytes]] = []

    def begin(*options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "tests.tenants.small_worker"]
        with (tmp_path / "worker.log").open("ab") as log:
            started.append(
                subprocess.Popen(
                    [*command, *options], cwd=settings.BASE_DIR, env=variables, stdout=log, stderr=log
                )
            )
        return started[-1]

    yield begin
    for process in started:
        process.terminate()
        process.wait(60)


def rows_of(tenant: Entry) -> dict[str, str]:
    with context.use(tenant):
        return dict(Category.objects.values_list("slug", "name"))


@pytest.mark.slow
def test_a_real_beat_publishes_with_the_operator_s_scope(
    start_worker: Any, broker: Any, tmp_path: Path
) -> None:
    beat = start_worker("beat", "-s", str(tmp_path / "schedule"))
    found: list[Any] = []
    eventually(lambda: bool(found.extend(broker()) or found), beat, tmp_path / "worker.log")
    assert (found[0].headers["task"], scope_in(found[0])) == ("small.survey", scope_of(None))


@pytest.mark.parametrize(
    ("pool", "left_out"),
    [
        (["-P", "prefork", "-c", "2", "--max-tasks-per-child", "4"], set()),
        # Threads cannot be interrupted, so limits do not exist there.
        (["-P", "threads", "-c", "4"], {"soft", "hard", "hard error"}),
    ],
    ids=["prefork", "threads"],
)
@pytest.mark.slow
def test_everything_that_celery_does_to_a_message_stays_in_its_tenant(
    start_worker: Any, two_tenants: TwoTenants, tmp_path: Path, pool: list[str], left_out: set[str]
) -> None:
    worker, log = start_worker("worker", "-l", "info", *pool), tmp_path / "worker.log"
    caches["global"].delete("surveyed")
    kinds = [kind for kind in small_tasks.CANVASES if kind not in left_out]
    for kind in kinds:
        for tenant in two_tenants:
            with context.use(tenant):
                small_tasks.start.delay(kind)
    afterwards = [f"after-{number}" for number in range(10)]
    for slug in afterwards:
        for tenant in two_tenants:
            with context.use(tenant):
                small_tasks.note.delay(slug)
    expected = {slug for kind in kinds for slug in small_tasks.ROWS[kind]} | set(afterwards)
    eventually(lambda: all(expected <= rows_of(tenant).keys() for tenant in two_tenants), worker, log)
    marks = ["TimeLimitExceeded"] if "hard" not in left_out else []
    eventually(lambda: all(mark in log.read_text() for mark in marks), worker, log)
    for tenant in two_tenants:
        found = rows_of(tenant)
        assert found.keys() == expected, "what failed was rolled back, what another tenant did is elsewhere"
        for slug in ("chain-2", "chain-3", "link-2"):
            assert found[slug] == tenant.id.hex
        for slug in ("chord-end", "up-end"):
            assert found[slug] == f"{tenant.id.hex},{tenant.id.hex}"
    assert caches["global"].get("surveyed") is None
    assert "A tenant cannot publish an operator's task" in log.read_text()


@pytest.mark.parametrize("task", [tasks.seal_record, tasks.prune_record])
def test_the_tasks_of_the_record_run_for_operators_and_for_no_tenant(
    fresh_db: str, two_tenants: TwoTenants, task: Any
) -> None:
    with pytest.raises(exceptions.InvalidScope):
        receive(task, header=sign(two_tenants[0], task))
    with pytest.raises(exceptions.WrongTenant), context.use(two_tenants[0]):
        task.apply_async()
    with context.operator():
        waiting = AuditEntry.objects.count()
    assert receive(task, header=sign(None, task)) == (waiting if task is tasks.seal_record else 0)
    assert waiting > 0
    assert context.current() is None
