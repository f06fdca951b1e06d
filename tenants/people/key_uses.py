"""When API keys were last used: noted in this process, written together a little later, never in the request.

A process that is killed loses what it noted since its last flush: at most FLUSH of uses, so that last_used_at may be
older than the truth by that and a minute. A process that ends in order writes what it has.
"""

import threading
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connections, router
from django.utils import timezone

from tenants import context, flushing
from tenants.models import ApiKey
from tenants.people.memberships import SQL

EVERY = timedelta(minutes=1)  # as note_uses says in SQL, for all processes together
FLUSH = timedelta(seconds=10)
CAPACITY = 50_000  # keys, about 10 MB; beyond it a use is not noted

Name = tuple[UUID, UUID]  # a tenant and a key


class Uses:
    """The uses that one process saw: one dictionary step per request, one statement per flush."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[Name, datetime] = {}
        self._noted: dict[Name, datetime] = {}
        self._flusher = flushing.Flusher("uses of keys", self.flush, seconds=FLUSH.total_seconds)

    def note(self, tenant_id: UUID, key_id: UUID) -> None:
        """Remember that a key was used, unless this process did so within the last minute. Sends nothing."""
        name, now = (tenant_id, key_id), timezone.now()
        noted = self._noted.get(name)
        if noted is not None and now - noted < EVERY:
            return
        with self._lock:
            if len(self._noted) >= CAPACITY:
                self._noted = {old: at for old, at in self._noted.items() if now - at < EVERY}
            if len(self._noted) >= CAPACITY:
                return
            self._noted[name] = self._seen[name] = now
        self._flusher.start()

    def flush(self) -> int:
        """Write what was noted, for all tenants in one statement. Returns how many keys were written."""
        with self._lock:
            seen, self._seen = self._seen, {}
        if not seen:
            return 0
        tenants, keys = [name[0] for name in seen], [name[1] for name in seen]
        try:
            with context.identity(), connections[router.db_for_write(ApiKey)].cursor() as cursor:
                cursor.execute(
                    SQL["note_uses"], {"tenants": tenants, "keys": keys, "times": list(seen.values())}
                )
                return int(cursor.rowcount)
        except Exception:
            with self._lock:
                self._seen = {**seen, **self._seen}
            raise

    def forget(self) -> None:
        """Drop what was noted and is not written."""
        with self._lock:
            self._seen, self._noted = {}, {}


uses = Uses()
note = uses.note
flush = uses.flush
