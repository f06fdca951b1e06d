"""Browser sessions: each belongs to one host, is stored by the role `identity`, and is cached for reads."""

import hashlib
import time
from functools import partial
from typing import Any, cast
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from tenants import caching, context, exceptions
from tenants.models import OperatorSession, PersonSession, Session
from tenants.people import addresses

CACHE_SECONDS = 300
# Put in place of a deleted session, so that a reader that was under way cannot put the old one back.
DELETED: dict[str, Any] = {}
BROWSER_LENGTH = 200


class SessionStore(db.SessionStore):
    """A session of one tenant; a key of another tenant's session finds nothing here."""

    def __init__(self, session_key: str | None = None, tenant_id: UUID | None = None) -> None:
        super().__init__(session_key)
        self.tenant_id = tenant_id

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        if self.session_key is None:
            return {}
        name = self._cache_name(self.session_key)
        data: dict[str, Any] | None = caching.shared.get(name)
        if data is None:
            row = self._get_session_from_db()
            data = self.decode(row.session_data) if row else {}
            if row and data:
                # Not get_expiry_age(), which would load the session to find out.
                remaining = int((row.expire_date - timezone.now()).total_seconds())
                caching.shared.add(name, data, min(CACHE_SECONDS, remaining))
        if not data:
            self._session_key = None
        return data

    def _get_session_from_db(self) -> Session | None:
        with context.identity():
            rows = self._rows(self.session_key or "")
            return rows.filter(expire_date__gt=timezone.now()).first()

    def exists(self, session_key: str) -> bool:
        with context.identity():
            return bool(self.get_model_class().objects.filter(session_key=session_key).exists())

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        if self.tenant_id is None:
            raise exceptions.NoTenant("A session belongs to a tenant's host; there is none here.")
        session = cast(Session, super().create_model_instance(data))
        session.tenant_id = self.tenant_id
        session.user_id = _person(data)
        return session

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  Django's signature
        with context.identity() as entered:
            super().save(must_create=must_create)
            if self.session_key is not None:
                # Not before: a save that comes too late for a deleted session must leave DELETED where it is.
                forget = partial(caching.shared.delete, self._cache_name(self.session_key))
                forget()
                transaction.on_commit(forget, using=entered.alias)  # A reader may have put the old one back.

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is None:
            return
        # The cache first: when it cannot be reached this raises, and the session is not half gone.
        caching.shared.set(self._cache_name(key), DELETED, CACHE_SECONDS)
        with context.identity():
            self._rows(key).delete()

    def _rows(self, key: str) -> QuerySet[Session]:
        if self.tenant_id is None:
            return Session.objects.none()
        return Session.objects.filter(tenant_id=self.tenant_id, session_key=key)

    def _cache_name(self, key: str) -> str:
        owner = self.tenant_id.hex if self.tenant_id else "none"
        return f"{owner}:session:{hashlib.sha256(key.encode()).hexdigest()}"


class PersonSessionStore(SessionStore):
    """A session of the apex host, which belongs to a person and to no tenant."""

    @classmethod
    def get_model_class(cls) -> type[PersonSession]:  # type: ignore[override]
        return PersonSession

    def create_model_instance(self, data: dict[str, Any]) -> PersonSession:  # type: ignore[override]
        session = cast(PersonSession, db.SessionStore.create_model_instance(self, data))
        session.user_id = _person(data)
        return session

    def _rows(self, key: str) -> QuerySet[PersonSession]:  # type: ignore[override]
        return PersonSession.objects.filter(session_key=key)

    def _cache_name(self, key: str) -> str:
        return f"apex:session:{hashlib.sha256(key.encode()).hexdigest()}"


class OperatorSessionStore(db.SessionStore):
    """A session of the console, in a table that no tenant-facing login can read."""

    @classmethod
    def get_model_class(cls) -> type[OperatorSession]:
        return OperatorSession


def _person(data: dict[str, Any]) -> UUID | None:
    user_id = data.get(SESSION_KEY)
    return UUID(user_id) if user_id else None


def note_beginning(*, request: HttpRequest, **_: Any) -> None:
    """Note in the session when it began, from where and with what; Django's `user_logged_in` calls it."""
    request.session["began"] = int(time.time())
    request.session["address"] = str(addresses.of(request) or "")
    request.session["browser"] = request.META.get("HTTP_USER_AGENT", "")[:BROWSER_LENGTH]
