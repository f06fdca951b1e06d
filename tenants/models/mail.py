"""Mails that wait to be sent, and how a tenant signs its own."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils import timezone

from tenants import ids
from tenants.models.tenant import Tenant

# The tenant_id of a mail that belongs to none: sign-up and what else the apex host sends.
APEX = UUID(int=0)
NO_LINE_ENDS = r"^[^\x01-\x1f\x7f]*$"


class OutgoingMail(models.Model):
    """A mail that was asked for and is not sent yet. The row goes when a mail server has taken the mail."""

    ON_CLONE = None

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    # No foreign key: APEX is no tenant.
    tenant_id = models.UUIDField(default=APEX, editable=False)
    purpose = models.CharField(max_length=40)
    sealed = models.TextField(help_text="To whom and with which values, encrypted; '' once it was given up.")
    queued_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(help_text="When the sweep hands it to a worker (again).")
    attempts = models.SmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(failed_at__isnull=True),
                name="tenants_outgoingmail_due",
            )
        ]

    def __str__(self) -> str:
        return f"mail {self.id}"


class MailSettings(models.Model):
    """How a tenant's mails name their sender and where answers go. The address they come from is the operator's."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, related_name="mail_settings")
    sender_name = models.CharField(max_length=60, blank=True)
    reply_to = models.EmailField(max_length=254, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(sender_name__regex=NO_LINE_ENDS) & models.Q(reply_to__regex=NO_LINE_ENDS),
                name="tenants_mailsettings_one_line",
            )
        ]
        verbose_name_plural = "mail settings"

    def __str__(self) -> str:
        return f"mail settings of {self.tenant_id}"
