"""Who may write a mail, when it is published, and how a tenant signs its own. The broker is real."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import kombu
import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, transaction

from tenants import context, exceptions, letters, mail, outbox, tasks
from tenants.directory import Entry
from tenants.models import APEX, AuditEntry, MailSettings, OutgoingMail, User

TwoTenants = tuple[Entry, Entry]
LINK = "https://acme.localhost/reset?token=live"
VALUES = {"link": LINK, "expires": "soon"}


@pytest.fixture
def broker() -> Iterator[Callable[[], list[Any]]]:
    """Empty the queue of the workers, and return what reads its messages."""
    with kombu.Connection(settings.CELERY_BROKER_URL) as connection:

        def read() -> list[Any]:
            found: list[Any] = []
            with connection.SimpleQueue("celery") as simple:
                while True:
                    try:
                        message = simple.get(block=False)
                    except simple.Empty:
                        return found
                    message.ack()
                    found.append(message)

        read()
        yield read


def rows() -> list[OutgoingMail]:
    with context.identity():
        return list(OutgoingMail.objects.order_by("queued_at"))


def test_a_mail_is_published_once_its_transaction_is_kept(
    fresh_db: str, two_tenants: TwoTenants, broker: Any
) -> None:
    acme, _ = two_tenants
    with context.use(acme):
        mail.send("reset_password", "you@acme.example", VALUES)
        assert broker() == []
    (message,), (row,) = broker(), rows()
    assert (message.payload[0], row.tenant_id) == ([str(row.id)], acme.id)


def test_a_mail_of_a_change_that_is_not_kept_is_never_sent(
    fresh_db: str, two_tenants: TwoTenants, broker: Any
) -> None:
    with context.use(two_tenants[0]):
        mail.send("reset_password", "you@acme.example", VALUES)
        context.roll_back()
    assert (broker(), rows()) == ([], [])


def test_neither_the_broker_nor_the_table_holds_a_live_link_or_an_address(
    fresh_db: str, two_tenants: TwoTenants, broker: Any
) -> None:
    with context.use(two_tenants[0]):
        mail.send("reset_password", "you@acme.example", VALUES)
    (message,), (row,) = broker(), rows()
    for text in (str(message.payload), str(message.headers), str(vars(row))):
        assert "live" not in text
        assert "you@" not in text
    with context.identity():
        assert [(order.to, order.values) for order in outbox.opened()] == [("you@acme.example", VALUES)]


@pytest.mark.parametrize("enter", [context.identity, context.public, context.operator, context.owner])
def test_whoever_enters_no_tenant_names_one_or_writes_for_the_apex(
    fresh_db: str, two_tenants: TwoTenants, broker: Any, enter: Callable[[], AbstractContextManager[Any]]
) -> None:
    for tenant in (None, two_tenants[1]):
        with enter():
            mail.send("reset_password", "you@acme.example", VALUES, tenant=tenant)
    assert [row.tenant_id for row in rows()] == [APEX, two_tenants[1].id]
    assert len(broker()) == 2


def test_a_tenant_writes_no_mail_of_another_and_reads_none(
    fresh_db: str, two_tenants: TwoTenants, broker: Any
) -> None:
    acme, globex = two_tenants
    with context.use(acme), pytest.raises(exceptions.WrongTenant):
        mail.send("reset_password", "you@acme.example", VALUES, tenant=globex)
    order = letters.order("reset_password", "you@acme.example", VALUES)
    for tenant_id in (globex.id, APEX):  # below the door
        with pytest.raises(ProgrammingError, match="row-level security"), context.use(acme):
            outbox.put(order, tenant_id)
    for use in (OutgoingMail.objects.count, OutgoingMail.objects.all().delete):
        with pytest.raises(ProgrammingError, match="permission denied"), context.use(acme):
            use()
    assert (broker(), rows()) == ([], [])


def test_outside_of_any_context_there_is_no_change_that_a_mail_belongs_to() -> None:
    with pytest.raises(exceptions.NoTenant):
        mail.send("reset_password", "you@acme.example", VALUES)


@pytest.mark.parametrize(
    "to",
    ["", "you", "you@acme.example\nBcc: all@acme.example", "a@b.example, c@d.example", "A <a@b.example>"],
)
def test_a_receiver_is_one_address(acme: Entry, to: str) -> None:
    with pytest.raises(exceptions.UnknownMail, match="one e-mail address"):
        mail.send("reset_password", to, VALUES)


def test_a_broker_that_is_away_loses_no_mail(
    fresh_db: str, two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = kombu.Connection(
        "redis://127.0.0.1:1/0", transport_options={"max_retries": 0, "socket_connect_timeout": 1}
    )
    publish = tasks.send_mail.apply_async
    monkeypatch.setattr(
        tasks.send_mail, "apply_async", lambda *args, **options: publish(*args, connection=nowhere, **options)
    )
    with context.use(two_tenants[0]):
        mail.send("reset_password", "you@acme.example", VALUES)
    assert "the sweep will send mail" in caplog.text
    assert len(rows()) == 1


# How a tenant signs its mails.


@pytest.fixture
def ada(two_tenants: TwoTenants) -> User:
    return User(email="ada@acme.example")


def test_a_tenant_chooses_the_name_and_where_answers_go(
    fresh_db: str, two_tenants: TwoTenants, ada: User
) -> None:
    acme, globex = two_tenants
    with context.use(acme):
        mail.configure("Acme Outdoor", "help@acme.example", by=ada)
        mail.configure("Acme", "", by=ada)
        found = MailSettings.objects.get()
        assert (found.sender_name, found.reply_to) == ("Acme", "")
        last = AuditEntry.objects.filter(action="mail.configured").order_by("at").last()
        assert last is not None
        assert (last.before, last.after) == (
            {"sender_name": "Acme Outdoor", "reply_to": "help@acme.example"},
            {"sender_name": "Acme", "reply_to": ""},
        )
    with context.use(globex):
        assert not MailSettings.objects.exists()


@pytest.mark.parametrize(
    ("name", "reply_to"),
    [
        ("Acme\r\nBcc: all@acme.example", ""),
        ("Acme\n", "x\n@acme.example"),
        ("security@bank.example", ""),
        ("Acme <x>", ""),
        ('Acme"', ""),
        ("Acme\u202e", ""),
        ("x" * 61, ""),
        ("Acme", "help"),
        ("Acme", "help@acme.example\r\nBcc: all@acme.example"),
        ("Acme", "a@b.example, c@d.example"),
    ],
)
def test_a_name_or_address_that_could_write_headers_or_pass_for_another_is_refused(
    acme: Entry, name: str, reply_to: str
) -> None:
    with pytest.raises(exceptions.BadSender):
        mail.configure(name, reply_to, by="test")
    assert not MailSettings.objects.exists()


def test_the_database_refuses_line_ends_too(acme: Entry) -> None:
    for wrong in ({"sender_name": "a\nb"}, {"reply_to": "a\r@b.example"}):
        with pytest.raises(IntegrityError, match="one_line"), transaction.atomic("default"):
            MailSettings.objects.create(tenant_id=acme.id, **wrong)


def test_a_tenant_signs_no_mail_of_another(acme: Entry, globex: Entry) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic("default"):
        MailSettings.objects.bulk_create([MailSettings(tenant_id=globex.id, sender_name="Acme")])
