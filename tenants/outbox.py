"""Mails as rows until a mail server has taken them: what a lost message or a killed worker leaves is sent again.

At least once: a worker that is killed after the server took the mail and before the row went sends it twice, with
the same Message-ID. What a row holds is encrypted: neither the broker nor a dump of the table has a live link.
"""

import json
import logging
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.utils import formataddr, parseaddr
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q
from django.utils import timezone

from tenants import context, letters, vault
from tenants.models import APEX, MailSettings, OutgoingMail, Tenant

# The message of a new row is on its way; the sweep leaves it alone so long.
PATIENCE = timedelta(seconds=20)
# Longer than a mail server may take (EMAIL_TIMEOUT): meanwhile no other worker sends the same mail.
LEASE = timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=2)
SWEPT_AT_ONCE = 500
# How long a row that was given up tells why; one that was sent is gone at once.
FAILED_KEPT = timedelta(days=30)
PERMANENT = 500  # SMTP codes from here on will not change by waiting
PURPOSE = "tenants.outbox"
OPEN = Q(failed_at__isnull=True)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that this worker alone may send now."""

    row: OutgoingMail
    order: letters.Order
    sender: str
    reply_to: str


def put(order: letters.Order, tenant_id: UUID) -> OutgoingMail:
    """Add the row of a mail, in the current transaction. One query."""
    row = OutgoingMail(tenant_id=tenant_id, purpose=order.purpose, due_at=timezone.now() + PATIENCE)
    row.sealed = _seal(row, order)
    OutgoingMail.objects.bulk_create([row])  # create() would read the row back, which few roles may
    return row


def waiting() -> list[UUID]:
    """Return the mails that no worker has sent in time, the oldest first, in the current operator's context."""
    rows = OutgoingMail.objects.filter(OPEN, due_at__lte=timezone.now())
    return list(rows.order_by("due_at").values_list("id", flat=True)[:SWEPT_AT_ONCE])


def opened() -> Iterator[letters.Order]:
    """Yield what waits, decrypted, in the current context: for tests, which follow the links."""
    for row in OutgoingMail.objects.filter(OPEN).order_by("queued_at", "id"):
        yield _open(row)


def deliver(mail_id: UUID) -> bool:
    """Send a mail, outside of any context; False if there is none to send now. What fails is tried again later."""
    claimed = _claim(mail_id)
    if claimed is None:
        return False
    try:
        compose(claimed).send()
    except (smtplib.SMTPException, OSError) as error:
        _put_off(claimed.row, error)
        return False
    with context.identity():
        OutgoingMail.objects.filter(id=mail_id).delete()
    return True


def prune() -> int:
    """Delete what was given up longer ago than FAILED_KEPT. Enters `context.identity()`; returns how many."""
    with context.identity():
        deleted, _ = OutgoingMail.objects.filter(failed_at__lt=timezone.now() - FAILED_KEPT).delete()
    return deleted


def compose(claimed: Claimed) -> EmailMultiAlternatives:
    """Return the mail as it is sent: the address is the operator's, the name before it the tenant's."""
    letter = letters.render(claimed.order.purpose, claimed.order.values, sender=claimed.sender)
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    mail = EmailMultiAlternatives(
        letter.subject,
        letter.text,
        formataddr((claimed.sender, address)),
        [claimed.order.to],
        reply_to=[claimed.reply_to] if claimed.reply_to else None,
        headers={
            "Message-ID": f"<{claimed.row.id.hex}@{address.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(letter.html, "text/html")
    return mail


def _claim(mail_id: UUID) -> Claimed | None:
    now = timezone.now()
    with context.identity():
        free = Q(attempts=0) | Q(due_at__lte=now)
        rows = OutgoingMail.objects.filter(OPEN, free, id=mail_id)
        if not rows.update(attempts=F("attempts") + 1, due_at=now + LEASE):
            return None
        row = OutgoingMail.objects.get(id=mail_id)
        if row.attempts > 1 and row.queued_at < now - GIVE_UP_AFTER:
            _give_up(row, "It could not be sent in time.")
            return None
        try:
            return Claimed(row, _open(row), *_sender(row.tenant_id))
        except InvalidToken:
            _give_up(row, "It was sealed with another SECRET_KEY.")
            return None


def _sender(tenant_id: UUID) -> tuple[str, str]:
    """Return the name that a tenant's mails come from, and where answers go."""
    if tenant_id == APEX:
        return letters.product(), ""
    found = MailSettings.objects.filter(tenant_id=tenant_id).first() or MailSettings()
    name = found.sender_name or Tenant.objects.filter(id=tenant_id).values_list("name", flat=True).first()
    return " ".join((name or letters.product()).split()), found.reply_to


def _put_off(row: OutgoingMail, error: Exception) -> None:
    with context.identity():
        if _is_permanent(error):
            _give_up(row, str(error))
            return
        wait = min(FIRST_WAIT * 4 ** min(row.attempts - 1, 6), LONGEST_WAIT)
        log.warning("mail %s was not sent, next attempt in %s: %s", row.id, wait, error)
        OutgoingMail.objects.filter(id=row.id).update(due_at=timezone.now() + wait, error=str(error)[:500])


def _is_permanent(error: Exception) -> bool:
    """Tell whether the receiver's address or the mail is refused; a refused login or sender can be repaired."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= PERMANENT


def _give_up(row: OutgoingMail, why: str) -> None:
    log.error("mail %s (%s) is given up: %s", row.id, row.purpose, why)
    OutgoingMail.objects.filter(id=row.id).update(failed_at=timezone.now(), error=why[:500], sealed="")


def _seal(row: OutgoingMail, order: letters.Order) -> str:
    # With the row's own names inside: sealed text that is copied into another row opens nothing there.
    content = [row.id.hex, row.tenant_id.hex, order.purpose, order.to, dict(order.values)]
    return vault.cipher(PURPOSE).encrypt(json.dumps(content).encode()).decode()


def _open(row: OutgoingMail) -> letters.Order:
    mail_id, tenant_id, purpose, to, values = json.loads(vault.cipher(PURPOSE).decrypt(row.sealed))
    if (mail_id, tenant_id, purpose) != (row.id.hex, row.tenant_id.hex, row.purpose):
        raise InvalidToken
    return letters.Order(purpose, to, values)
