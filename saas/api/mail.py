"""How the tenant's mails name their sender, and where answers go."""

from django.http import HttpRequest
from ninja import Field, Router, Schema

from saas.api import security
from tenants import mail
from tenants.models import MailSettings

router = Router(tags=["mail"])


class MailOut(Schema):
    """The address that mails come from is the installation's."""

    sender_name: str = Field(description="Empty: the tenant's name.", examples=["Acme Outdoor"])
    reply_to: str = Field(description="Empty: nobody reads answers.", examples=["help@acme.example"])


class MailPatch(Schema, extra="forbid"):
    """Only what is sent is changed; null or an empty text is the default."""

    sender_name: str | None = Field(None, examples=["Acme Outdoor"])
    reply_to: str | None = Field(None, examples=["help@acme.example"])


@router.get("", response=MailOut, operation_id="read_mail", summary="Read how mails name their sender")
@security.permission("mail.manage")
def read_mail(request: HttpRequest) -> MailSettings:
    return mail.sender()


@router.patch("", response=MailOut, operation_id="set_mail", summary="Set how mails name their sender")
@security.permission("mail.manage")
def set_mail(request: HttpRequest, body: MailPatch) -> MailSettings:
    """The name is one line of at most 60 characters without `@`, `<`, `>`, quotes or anything that looks like them."""
    now = mail.sender()
    wish = {"sender_name": now.sender_name, "reply_to": now.reply_to} | body.model_dump(exclude_unset=True)
    return mail.configure(wish["sender_name"] or "", wish["reply_to"] or "", by=security.caller(request).user)
