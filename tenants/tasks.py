"""Celery tasks: each runs in one context that its signed scope names; without a valid scope it is refused."""

import logging
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from celery import Task, shared_task
from celery.utils import uuid
from django.core import signing
from django.db import transaction
from kombu.exceptions import OperationalError

from tenants import audit_log, context, exceptions
from tenants.backups import ledger, take
from tenants.context import Kind
from tenants.directory import Entry
from tenants.models import Backup

HEADER = "leasehold_scope"
SALT = "tenants.tasks.scope"
OPERATOR = "operator"

log = logging.getLogger(__name__)


class ScopedTask(Task):  # type: ignore[type-arg]
    """A task whose message says, signed, for whom it runs: it fits this task, this message and nobody else."""

    abstract = True

    def apply_async(  # type: ignore[override]
        self, args: Any = None, kwargs: Any = None, **options: Any
    ) -> Any:
        """Publish with the scope of the current context; `tenant=` names one when no tenant's context is entered."""
        scope = self.scope(options.pop("tenant", None))
        task_id = options.setdefault("task_id", uuid())
        # A copy: Celery hands one dictionary to every part of a group.
        headers = {**(options.pop("headers", None) or {}), HEADER: sign(scope, str(self.name), task_id)}
        return super().apply_async(args, kwargs, headers=headers, **options)

    def scope(self, tenant: context.HasId | None) -> str:
        raise NotImplementedError

    def enter(self, scope: str) -> Any:
        raise NotImplementedError

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            return super().__call__(*args, **kwargs)
        scope = verify(getattr(self.request, HEADER, None), str(self.name), str(self.request.id))
        token = audit_log.source.set(f"task {self.name}")
        try:
            with self.enter(scope):
                return super().__call__(*args, **kwargs)
        finally:
            audit_log.source.reset(token)


class TenantTask(ScopedTask):
    """Runs in the context of the tenant that published it, or of the one an operator named."""

    abstract = True

    def scope(self, tenant: context.HasId | None) -> str:
        current = context.current()
        inside = current.tenant_id if current else None
        wanted = tenant.id if tenant is not None else inside
        if wanted is None:
            raise exceptions.NoTenant(
                f"{self.name} belongs to a tenant. Publish it inside `context.use(tenant)`."
            )
        if inside is not None and inside != wanted:
            raise exceptions.WrongTenant("A tenant cannot publish a task of another tenant.")
        return wanted.hex

    def enter(self, scope: str) -> Any:
        if scope == OPERATOR:
            raise exceptions.InvalidScope()
        return context.use(Entry(id=UUID(scope), slug="", name="", state="", epoch=""))


class BackupTask(TenantTask):
    """A tenant's task that enters contexts of its own: the login of backups instead of the tenant's role."""

    abstract = True

    def enter(self, scope: str) -> Any:
        if scope == OPERATOR:
            raise exceptions.InvalidScope()
        self.request.leasehold_tenant = UUID(scope)  # type: ignore[attr-defined]
        return nullcontext()


class OperatorTask(ScopedTask):
    """Runs across tenants under the console's login; no tenant's context can publish it."""

    abstract = True

    def scope(self, tenant: context.HasId | None) -> str:
        current = context.current()
        if tenant is not None or (current is not None and current.kind in (Kind.TENANT, Kind.IDENTITY)):
            raise exceptions.WrongTenant("A tenant cannot publish an operator's task.")
        return OPERATOR

    def enter(self, scope: str) -> Any:
        if scope != OPERATOR:
            raise exceptions.InvalidScope()
        return context.operator()


@shared_task(base=BackupTask, bind=True)
def take_backup(task: BackupTask, backup_id: str) -> bool:
    """Take a backup that a row asks for."""
    return take.take(UUID(backup_id), task.request.leasehold_tenant)  # type: ignore[attr-defined]


@shared_task(base=OperatorTask)
def request_backups() -> int:
    """Ask for the nightly backup of every tenant that has none of the last 20 h."""
    found = [ledger.request(tenant, by="nightly backup") for tenant in ledger.due()]
    for backup in found:
        send(backup)
    return len(found)


@shared_task(base=OperatorTask)
def sweep() -> int:
    """Send again what rows ask for and no worker has done: a message may be lost, a row may not."""
    found = ledger.waiting()
    for backup in found:
        send(backup)
    return len(found)


def send(backup: Backup) -> None:
    """Hand a backup to a worker once the current transaction is kept; if the broker is away, `sweep` does it later."""
    tenant = Entry(id=backup.tenant_id, slug="", name="", state="", epoch="")

    def publish() -> None:
        try:
            take_backup.apply_async([str(backup.id)], tenant=tenant, retry=False)
        except OperationalError as error:
            log.warning("the broker cannot be reached, the sweep will send backup %s: %s", backup.id, error)

    current = context.current()
    transaction.on_commit(publish, using=current.alias if current else None, robust=True)


def sign(scope: str, task: str, task_id: str) -> str:
    return signing.dumps([scope, task, task_id], salt=SALT)


def verify(header: object, task: str, task_id: str) -> str:
    """Return the scope that was signed for this task and message. Raises InvalidScope."""
    try:
        scope, signed_task, signed_id = signing.loads(str(header), salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise exceptions.InvalidScope() from error
    if (signed_task, signed_id) != (task, task_id):
        raise exceptions.InvalidScope("The scope of this task was signed for another message.")
    return str(scope)
