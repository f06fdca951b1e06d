"""The one door for mails: a row in the current transaction, and a message to a worker once it is kept."""

import logging
import unicodedata
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from kombu.exceptions import OperationalError

from tenants import audit_log, context, exceptions, letters, outbox, tasks
from tenants.models import APEX, MailSettings

FORBIDDEN = frozenset('@<>"\\')

log = logging.getLogger(__name__)


def send(purpose: str, to: str, values: dict[str, Any], *, tenant: context.HasId | None = None) -> None:
    """Have a mail sent once the current transaction is kept, at least once. One query.

    In a tenant's context it is that tenant's mail; elsewhere that of `tenant`, or of nobody (the apex host).
    Raises UnknownMail for a purpose, values or a receiver that are not accepted, NoTenant, WrongTenant.
    """
    current = context.current()
    if current is None:
        raise exceptions.NoTenant("A mail is written inside of a context: its row is part of the change.")
    if current.tenant_id is not None and tenant is not None and tenant.id != current.tenant_id:
        raise exceptions.WrongTenant()
    row = outbox.put(letters.order(purpose, _address(to), values), _whose(current, tenant))
    transaction.on_commit(lambda: publish(row.id), using=current.alias, robust=True)


def publish(mail_id: UUID) -> None:
    """Hand a mail to a worker; if the broker is away, the sweep does it later."""
    try:
        tasks.send_mail.apply_async([str(mail_id)], retry=False)
    except OperationalError as error:
        log.warning("the broker cannot be reached, the sweep will send mail %s: %s", mail_id, error)


def sender() -> MailSettings:
    """Return how the current tenant's mails name their sender; '' is the default. One query. Raises NoTenant."""
    tenant_id = context.tenant_id()
    return MailSettings.objects.filter(tenant_id=tenant_id).first() or MailSettings(tenant_id=tenant_id)


def configure(sender_name: str, reply_to: str, *, by: object) -> MailSettings:
    """Say how the current tenant's mails name their sender, and where answers go; '' is the default.

    The address they come from stays the operator's. Nothing is written or recorded when nothing changes. Raises
    NoTenant, BadSender.
    """
    before = sender()
    new = {"sender_name": sender_name.strip(), "reply_to": reply_to.strip()}
    _check_sender(new["sender_name"], new["reply_to"])
    old = {"sender_name": before.sender_name, "reply_to": before.reply_to}
    if new == old:
        return before
    found, made = MailSettings.objects.update_or_create(tenant_id=before.tenant_id, defaults=new)
    audit_log.record(before.tenant_id, "mail.configured", by=by, before=None if made else old, after=new)
    return found


def _whose(current: context.Context, tenant: context.HasId | None) -> UUID:
    if current.tenant_id is not None:
        return current.tenant_id
    return APEX if tenant is None else tenant.id


def _address(to: str) -> str:
    try:
        validate_email(to)
    except ValidationError as error:
        raise exceptions.UnknownMail("The receiver of a mail is one e-mail address.") from error
    return to


def _check_sender(name: str, reply_to: str) -> None:
    # A name that looks like an address is what many mail programs show in the place of the address; NFKC makes the
    # full-width and the small `@` one.
    longest = MailSettings._meta.get_field("sender_name").max_length or 0
    looks = unicodedata.normalize("NFKC", name)
    if len(name) > longest or not (name + looks).isprintable() or FORBIDDEN & {*name, *looks}:
        raise exceptions.BadSender(field="sender_name")
    if not reply_to:
        return
    # A quoted part before the `@` may hold commas, blanks and control characters, for which nobody has a use.
    if '"' in reply_to or not reply_to.isprintable():
        raise exceptions.BadSender(field="reply_to")
    try:
        validate_email(reply_to)
    except ValidationError as error:
        raise exceptions.BadSender(field="reply_to") from error
