"""What becomes of the row of a mail: sent, tried again, given up; and what a real worker makes of it."""

import os
import re
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import kombu
import pytest
import time_machine
from django.conf import settings
from django.core import mail as django_mail
from django.utils import timezone

from tenants import context, exceptions, letters, mail, outbox, tasks
from tenants.directory import Entry
from tenants.models import APEX, OutgoingMail
from tenants.tasks import HEADER
from tests import environment

TwoTenants = tuple[Entry, Entry]
ID = "11111111-2222-4333-8444-555555555555"
TO = "you@acme.example"
VALUES = {"link": "https://acme.localhost/reset?token=live", "expires": "soon"}
pytestmark = pytest.mark.usefixtures("fresh_db")


@pytest.fixture(autouse=True)
def settings_of_mails(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Leasehold <no-reply@leasehold.example>"


def put(tenant_id: UUID = APEX, purpose: str = "reset_password") -> UUID:
    with context.identity():
        return outbox.put(letters.order(purpose, TO, VALUES), tenant_id).id


def row(mail_id: UUID) -> OutgoingMail | None:
    with context.identity():
        return OutgoingMail.objects.filter(id=mail_id).first()


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def send(*_: Any) -> None:
        assert context.current() is None  # the network is never inside a transaction
        raise error

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", send)


def sent() -> list[Any]:
    return getattr(django_mail, "outbox", [])


def test_a_mail_is_sent_outside_of_any_context_and_its_row_goes() -> None:
    mail_id = put()
    assert outbox.deliver(mail_id) is True
    (message,) = sent()
    assert (message.to, message.subject) == ([TO], "Choose a new password")
    assert message.from_email == "Leasehold <no-reply@leasehold.example>"
    assert VALUES["link"] in message.body
    assert message.alternatives[0].mimetype == "text/html"
    assert row(mail_id) is None


def test_a_second_message_for_the_same_mail_sends_nothing() -> None:
    mail_id = put()
    assert [outbox.deliver(mail_id), outbox.deliver(mail_id), outbox.deliver(uuid4())] == [True, False, False]
    assert len(sent()) == 1


def test_a_worker_that_has_claimed_a_mail_keeps_others_off_until_its_lease_ends() -> None:
    mail_id = put()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert outbox._claim(mail_id)
        clock.shift(outbox.LEASE - timedelta(seconds=1))
        assert outbox.deliver(mail_id) is False
        clock.shift(2)
        assert outbox.deliver(mail_id) is True


def test_a_mail_that_is_sent_twice_has_one_message_id() -> None:
    mail_id = put()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = outbox._claim(mail_id)
        clock.shift(outbox.LEASE)
        second = outbox._claim(mail_id)
        assert first
        assert second
        found = {outbox.compose(claimed).message()["Message-ID"] for claimed in (first, second)}
    assert found == {f"<{mail_id.hex}@leasehold.example>"}


def test_a_mail_of_a_tenant_has_its_name_and_our_address(two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        mail.configure("Söhne & Co, Ltd.", "help@acme.example", by="test")
    for tenant in (acme, globex):
        outbox.deliver(put(tenant.id))
    first, second = (
        message_from_bytes(found.message().as_bytes(), policy=policy.default) for found in sent()
    )
    assert isinstance(first, EmailMessage)
    (address,) = first["From"].addresses
    assert (address.display_name, address.addr_spec) == ("Söhne & Co, Ltd.", "no-reply@leasehold.example")
    assert first["Reply-To"] == "help@acme.example"
    assert second["From"].addresses[0].display_name == globex.name
    assert second["Reply-To"] is None


def test_what_a_mail_server_refuses_for_now_is_tried_again_ever_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refuse(monkeypatch, smtplib.SMTPConnectError(421, "busy"))
    mail_id, waits = put(), []
    errors: set[str] = set()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(6):
            assert outbox.deliver(mail_id) is False
            found = row(mail_id)
            assert found is not None
            assert found.failed_at is None
            errors.add(found.error)
            waits.append((found.due_at - timezone.now()).total_seconds())
            clock.move_to(found.due_at)
    assert waits == [15, 60, 240, 960, 3600, 3600]
    assert errors == {"(421, 'busy')"}


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError(), TimeoutError(), smtplib.SMTPAuthenticationError(535, b"bad login"),
              smtplib.SMTPSenderRefused(550, b"no", "x"), smtplib.SMTPRecipientsRefused({TO: (450, b"later")})], ids=repr
)  # fmt: skip
def test_what_can_be_repaired_is_not_given_up(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    refuse(monkeypatch, error)
    mail_id = put()
    outbox.deliver(mail_id)
    found = row(mail_id)
    assert found is not None
    assert found.failed_at is None
    assert found.sealed


@pytest.mark.parametrize(
    "error",
    [smtplib.SMTPRecipientsRefused({TO: (550, b"unknown")}), smtplib.SMTPDataError(554, b"spam")],
    ids=repr,
)
def test_what_the_receiver_refuses_for_ever_is_given_up_and_forgotten(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    refuse(monkeypatch, error)
    mail_id = put()
    outbox.deliver(mail_id)
    found = row(mail_id)
    assert found is not None
    assert found.failed_at is not None
    assert found.sealed == ""
    assert "is given up" in caplog.text
    monkeypatch.undo()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert outbox.deliver(mail_id) is False


def test_a_mail_is_given_up_after_two_days_but_never_before_its_first_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried, new = put(), put()
    refuse(monkeypatch, TimeoutError())
    outbox.deliver(tried)
    monkeypatch.undo()
    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1)):
        assert [outbox.deliver(tried), outbox.deliver(new)] == [False, True]
    found = row(tried)
    assert found is not None
    assert found.failed_at is not None


def test_sealed_text_that_is_copied_into_another_row_opens_nothing(two_tenants: TwoTenants) -> None:
    good, other = put(two_tenants[0].id), put(two_tenants[1].id)
    found = row(good)
    assert found is not None
    with context.identity():
        OutgoingMail.objects.filter(id=other).update(sealed=found.sealed)
    assert outbox.deliver(other) is False
    assert sent() == []


def test_a_mail_that_was_sealed_before_the_secret_changed_is_sent_while_the_old_one_is_known(
    settings: Any,
) -> None:
    known, unknown = put(), put()
    before = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret of more than 32 characters", [before]
    assert outbox.deliver(known) is True
    settings.SECRET_KEY_FALLBACKS = []
    assert outbox.deliver(unknown) is False


def test_the_sweep_finds_what_no_worker_has_sent_in_time() -> None:
    mail_id = put()

    def waiting() -> list[UUID]:
        with context.operator():
            return outbox.waiting()

    assert waiting() == []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        clock.shift(outbox.PATIENCE)
        assert waiting() == [mail_id]
        assert outbox._claim(mail_id)
        assert waiting() == []
        clock.shift(outbox.LEASE)
        assert waiting() == [mail_id]


# The scope of a mail's message.


def receive(task: Any, *args: Any, scope: tasks.Scope) -> Any:
    header = tasks.sign(scope, task.name, ID, args)
    task.push_request(id=ID, called_directly=False, args=args, kwargs={}, **{HEADER: header})
    try:
        return task(*args)
    finally:
        task.pop_request()


def test_what_was_given_up_is_kept_for_a_month_and_what_waits_for_ever(two_tenants: TwoTenants) -> None:
    now = timezone.now()
    ages = {"new": timedelta(days=29), "old": outbox.FAILED_KEPT + timedelta(minutes=1)}
    rows = {
        (name, where): put(where) for name in ages for where in (APEX, two_tenants[0].id, two_tenants[1].id)
    }
    waiting, gone = put(), put(two_tenants[0].id)
    with context.identity():
        for (name, _), mail_id in rows.items():
            OutgoingMail.objects.filter(id=mail_id).update(failed_at=now - ages[name])
        OutgoingMail.objects.filter(id=waiting).update(queued_at=now - timedelta(days=400))
    assert outbox.deliver(gone)
    assert receive(tasks.prune_mails, scope=tasks.Scope(tasks.OPERATOR)) == 3
    with context.identity():
        left = set(OutgoingMail.objects.values_list("id", flat=True))
    assert left == {waiting} | {mail_id for (name, _), mail_id in rows.items() if name == "new"}
    assert outbox.prune() == 0


def test_no_tenant_has_mails_pruned(two_tenants: TwoTenants) -> None:
    for enter in (lambda: context.use(two_tenants[0]), context.public, context.identity):
        with enter(), pytest.raises(exceptions.WrongTenant):
            tasks.prune_mails.apply_async()
    acme = two_tenants[0]
    for scope in (tasks.Scope(tasks.MAIL), tasks.Scope(acme.id.hex, acme.epoch)):
        with pytest.raises(exceptions.InvalidScope):
            receive(tasks.prune_mails, scope=scope)


def test_the_task_sends_the_mail_that_its_message_names() -> None:
    assert receive(tasks.send_mail, str(put()), scope=tasks.Scope(tasks.MAIL)) is True


def test_no_scope_but_a_mail_s_sends_one_and_it_enters_nothing_else(two_tenants: TwoTenants) -> None:
    mail_id, acme = str(put()), two_tenants[0]
    for scope in (tasks.Scope(tasks.OPERATOR), tasks.Scope(acme.id.hex, acme.epoch)):
        with pytest.raises(exceptions.InvalidScope):
            receive(tasks.send_mail, mail_id, scope=scope)
    for task, args in ((tasks.sweep, ()), (tasks.take_backup, (mail_id,))):
        with pytest.raises(exceptions.InvalidScope):
            receive(task, *args, scope=tasks.Scope(tasks.MAIL))
    assert sent() == []


# A real worker.


def write_of_a_killed_process(database: str) -> None:
    """Write a mail in a process that is killed between its commit and its message."""
    text = """
import os, signal
import django; django.setup()
from tenants import context, mail
mail.publish = lambda mail_id: os.kill(os.getpid(), signal.SIGKILL)
with context.public():
    mail.send("sign_up_known_address", "lost@acme.example", {})
"""
    done = subprocess.run(
        [sys.executable, "-c", text], env=variables(database), check=False, capture_output=True
    )
    assert done.returncode == -9, done.stderr


def variables(database: str, **more: str) -> dict[str, str]:
    assert environment.running is not None
    found = {
        **os.environ,
        **environment.running.environment(database),
        "DJANGO_SETTINGS_MODULE": "saas.settings",
    }
    return {**found, "SECRET_KEY": str(settings.SECRET_KEY), **more}


@pytest.fixture
def worker(fresh_db: str, tmp_path: Path) -> Iterator[Path]:
    """Run a worker of both queues that writes mails to files; yields their folder."""
    with kombu.Connection(settings.CELERY_BROKER_URL) as connection:
        for queue in ("celery", "ddl"):
            connection.SimpleQueue(queue).clear()
    words = "-m celery -A saas.celery worker -P solo -Q celery,ddl -l info".split()
    given = variables(fresh_db, LEASEHOLD_EMAIL_URL=f"file://{tmp_path}/mail")
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *words], env=given, stdout=log, stderr=log)
        try:
            yield tmp_path / "mail"
        finally:
            process.terminate()
            process.wait(30)


def test_a_worker_sends_what_was_published_and_the_sweep_what_a_killed_process_left(
    worker: Path, fresh_db: str, two_tenants: TwoTenants
) -> None:
    with context.use(two_tenants[0]):
        mail.send("reset_password", TO, VALUES)
    write_of_a_killed_process(fresh_db)
    with context.owner():
        OutgoingMail.objects.filter(purpose="sign_up_known_address").update(
            due_at=timezone.now() - timedelta(seconds=1)
        )
    with context.operator():
        tasks.sweep.delay()
    for _ in range(600):
        if len(receivers(worker)) == 2 and not waiting_rows():
            break
        time.sleep(0.1)
    assert receivers(worker) == ["lost@acme.example", TO], (worker.parent / "worker.log").read_text()
    assert waiting_rows() == 0


def receivers(folder: Path) -> list[str]:
    texts = [path.read_text() for path in folder.glob("*.log")]
    return sorted(re.findall(r"^To: (.*)$", "\n".join(texts), re.MULTILINE))


def waiting_rows() -> int:
    with context.identity():
        return OutgoingMail.objects.count()
