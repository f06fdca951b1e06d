"""Host to tenant: a cache per process that one version row, read at most once a second, keeps honest."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.db import models
from django.db.models.functions import Cast, Concat, Replace

from tenants import context, names
from tenants.models import DirectoryVersion, Domain, Tenant

MAX_AGE = timedelta(seconds=1)
CAPACITY = 50_000

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a request needs to know about its tenant before it has one."""

    id: UUID
    slug: str
    name: str
    state: str
    epoch: str

    @property
    def schema_name(self) -> str:
        return names.schema_of(self.id)


class Directory:
    """Host names and their tenants as of at most MAX_AGE ago; also hosts that have none, for as long."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._missing: OrderedDict[str, float] = OrderedDict()
        self._version = -1
        self._checked = float("-inf")

    def find(self, hostname: str) -> Entry | None:
        """Return the tenant that answers on hostname, or None. Costs a short transaction of `public` at a miss."""
        now = time.monotonic()
        if now - self._checked < MAX_AGE.total_seconds():
            if entry := self._entries.get(hostname):
                return entry
            if now < self._missing.get(hostname, float("-inf")):
                return None
        return self._look_up(hostname, now)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._missing.clear()
            self._version, self._checked = -1, float("-inf")

    def _look_up(self, hostname: str, now: float) -> Entry | None:
        with context.public():
            # The version first: an entry is then never older than the version it is kept under.
            version = DirectoryVersion.objects.values_list("version", flat=True).get()
            self._keep_version(version, now)
            entry = self._entries.get(hostname) or _read(hostname)
        with self._lock:
            if entry is None:
                _put(self._missing, hostname, now + MAX_AGE.total_seconds())
            elif version == self._version:
                _put(self._entries, hostname, entry)
        return entry

    def _keep_version(self, version: int, now: float) -> None:
        with self._lock:
            if version != self._version:
                self._entries.clear()
                self._missing.clear()
                self._version = version
            self._checked = now


def _put(store: OrderedDict[str, Value], key: str, value: Value) -> None:
    store[key] = value
    if len(store) > CAPACITY:
        store.popitem(last=False)


def _read(hostname: str) -> Entry | None:
    """Return the tenant of a host. One without its schema or its role answers nowhere, whatever rows it has."""
    rows = Domain.objects.filter(hostname=hostname, tenant__destroyed_at__isnull=True).select_related(
        "tenant"
    )
    built = rows.annotate(schema=_found("to_regnamespace"), role=_found("to_regrole")).filter(
        schema__isnull=False, role__isnull=False
    )
    return entry_of(built[0].tenant) if built else None


def _found(function: str) -> models.Func:
    """Return the expression that is NULL when the catalog has nothing of the tenant's opaque name."""
    text: models.CharField[str, str] = models.CharField()
    digits = Replace(Cast("tenant_id", text), models.Value("-"), models.Value(""))
    return models.Func(Concat(models.Value("t_"), digits), function=function, output_field=text)


def entry_of(tenant: Tenant) -> Entry:
    return Entry(id=tenant.id, slug=tenant.slug, name=tenant.name, state=tenant.state, epoch=tenant.epoch)


directory = Directory()
find = directory.find
clear = directory.clear
