"""The one door for mails: a row in the current transaction, and a message to a worker once it is kept."""

import logging
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from kombu.exceptions import OperationalError

from tenants import audit_log, context, exceptions, letters, outbox, tasks
from tenants.models import APEX, MailSettings
from tenants.signing import HasEpoch

FORBIDDEN = frozenset('@<>"\\')

log = logging.getLogger(__name__)


def send(purpose: str, to: str, values: dict[str, Any], *, tenant: HasEpoch | None = None) -> None:
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


def configure(sender_name: str, reply_to: str, *, by: object) -> MailSettings:
    """Say how the current tenant's mails name their sender, and where answers go; '' is the default.

    The address they come from stays the operator's. Raises NoTenant, BadSender.
    """
    tenant_id = context.tenant_id()
    name, answers = sender_name.strip(), reply_to.strip()
    _check_sender(name, answers)
    before = MailSettings.objects.filter(tenant_id=tenant_id).first()
    old = {"sender_name": before.sender_name, "reply_to": before.reply_to} if before else None
    new = {"sender_name": name, "reply_to": answers}
    found, _ = MailSettings.objects.update_or_create(tenant_id=tenant_id, defaults=new)
    audit_log.record(tenant_id, "mail.configured", by=by, before=old, after=new)
    return found


def _whose(current: context.Context, tenant: HasEpoch | None) -> UUID:
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
    # A name that looks like an address is what many mail programs show in the place of the address.
    longest = MailSettings._meta.get_field("sender_name").max_length or 0
    if len(name) > longest or not name.isprintable() or FORBIDDEN & set(name):
        raise exceptions.BadSender()
    try:
        if reply_to:
            validate_email(reply_to)
    except ValidationError as error:
        raise exceptions.BadSender() from error
