"""How allauth behaves on a tenant's host: nobody signs up there, and whoever signs in is a member of this tenant."""

import logging
from typing import Any, NoReturn
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme

from tenants import context, exceptions, links
from tenants.models import User
from tenants.people import addresses, memberships, notices, passwords, signin, throttle
from tenants.people import exceptions as errors

log = logging.getLogger(__name__)
STATUS = {
    errors.TooManyTries: 429,
    errors.CannotCount: 503,
    exceptions.InvalidCredentials: 401,
    exceptions.Refused: 403,
    exceptions.TenancyError: 403,
}
NOTICES = {
    "account/email/password_changed": ("password.changed", "The password was changed."),
    "account/email/password_set": ("password.changed", "The password was set."),
    "mfa/email/totp_activated": ("factor.added", "An authenticator app was added."),
    "mfa/email/totp_deactivated": ("factor.removed", "The authenticator app was removed."),
    "mfa/email/recovery_codes_generated": ("factor.renewed", "New recovery codes were made."),
    "mfa/email/webauthn_added": ("factor.added", "A passkey was added."),
    "mfa/email/webauthn_removed": ("factor.removed", "A passkey was removed."),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's decisions, taken by ours. Every way in ends in `signin.start`."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by the apex host and by invitations."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        email, password = credentials.get("email", ""), credentials.get("password", "")
        try:
            throttle.count_sign_in(request, email)
            found = signin.who(request, _tenant(request), email=email, password=password)
        except exceptions.TenancyError as error:
            refuse(error)
        return found.user if found else None

    def reauthenticate(self, user: Any, password: str) -> bool:
        found = self.authenticate(allauth_context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def pre_login(self, request: HttpRequest, user: Any, **hooks: Any) -> Any:
        response = super().pre_login(request, user, **hooks)
        member = _member(request, user)
        signin.wait(request, member)
        return response

    def login(self, request: HttpRequest, user: Any) -> None:
        try:
            found = signin.finish_waiting(request, _tenant(request), _member(request, user))
        except exceptions.TenancyError as error:
            refuse(error)
        user.session_scope = found.user.session_scope

    def set_password(self, user: Any, password: str) -> None:
        passwords.replace(user, password, keep=allauth_context.request.session.session_key)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return links.absolute(f"/reset-password?key={quote(key)}", _tenant(allauth_context.request))

    def is_safe_url(self, url: str) -> bool:
        host = allauth_context.request.get_host()
        return url_has_allowed_host_and_scheme(url, allowed_hosts={host})

    def get_client_ip(self, request: HttpRequest) -> str:
        found = addresses.of(request)
        if found is None:
            raise PermissionDenied("The client's address is not known.")
        return str(found)

    def add_message(self, *_: Any, **__: Any) -> None:
        """Tenants' hosts keep no messages in sessions."""

    def can_delete_email(self, email_address: Any) -> bool:
        return False

    def send_notification_mail(self, template_prefix: str, user: Any, *_: Any, **__: Any) -> None:
        """Record what was changed and tell the person. allauth may call this after the commit, in no context."""
        tenant = _tenant(allauth_context.request)
        action, change = NOTICES.get(template_prefix, ("", ""))
        if action:
            with context.identity():
                notices.tell(tenant, user, action, change)

    def send_mail(self, template_prefix: str, email: str, _context: dict[str, Any]) -> None:
        """allauth writes no mails of its own: what is not among ours is not sent."""
        log.info("allauth wanted to send %s", template_prefix)


def refuse(error: exceptions.TenancyError) -> NoReturn:
    """Answer with an error of ours in the middle of a view of allauth's."""
    status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    if isinstance(error, exceptions.Refused):
        allauth_context.request.refusal = error
    body = {"type": "about:blank", "status": status, "code": error.code, "detail": str(error)}
    answer = JsonResponse(body, status=status, content_type="application/problem+json")
    if isinstance(error, errors.TooManyTries):
        answer["Retry-After"] = str(error.retry_after)
    raise ImmediateHttpResponse(answer)


def _tenant(request: HttpRequest) -> Any:
    return request.tenant  # type: ignore[attr-defined]


def _member(request: HttpRequest, user: Any) -> memberships.Member:
    """Return what the person is here; a passkey is good in every tenant, and its holder is not."""
    found = memberships.by_user(user.pk, _tenant(request))
    if found is None:
        refuse(exceptions.InvalidCredentials())
    return found
