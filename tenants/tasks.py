"""Celery tasks: each runs in one context that its signed scope names; without a valid scope it is refused."""

import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from celery import Task, shared_task
from celery._state import get_current_task
from celery.signals import beat_init
from celery.utils import uuid
from django.core import signing
from django.db import transaction
from kombu.exceptions import OperationalError
from kombu.utils import json

from tenants import audit_log, context, exceptions, outbox, provisioning
from tenants import signing as tenant_signing
from tenants.backups import ledger, take
from tenants.context import Kind
from tenants.directory import Entry
from tenants.models import Backup
from tenants.people import email_domains
from tenants.record import pruning, sealing

HEADER = "leasehold_scope"
SALT = "tenants.tasks.scope"
OPERATOR = "operator"
MAIL = "mail"
HINT = "hint"
NOBODYS = frozenset({OPERATOR, MAIL, HINT})  # scopes that name no tenant
OPERATORS = frozenset({Kind.OPERATOR, Kind.OWNER, Kind.BACKUP})

SWEPT_EXPIRES = 60  # seconds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a message runs: `operator`, `mail`, `hint`, or a tenant's id in hex and the epoch of its publication."""

    name: str
    epoch: str = ""

    @property
    def tenant(self) -> Entry:
        """Return the tenant. Raises InvalidScope for what is none."""
        if self.name in NOBODYS:
            raise exceptions.InvalidScope()
        return Entry(id=UUID(self.name), slug="", name="", state="", epoch="")


_beat = threading.Event()


@beat_init.connect
def _is_beat(**_: Any) -> None:
    """Note that this process is beat. One that is embedded in a worker does not count: there are links to apply."""
    _beat.set()


# The messages that are running and whose scope was verified; what follows them (a chain, a link) runs after their
# context, and for the same tenant. Not an attribute of the request: the headers of a message become those.
_verified: WeakKeyDictionary[Any, Scope] = WeakKeyDictionary()


class ScopedTask(Task):  # type: ignore[type-arg]
    """A task whose message says, signed, for whom it runs: it fits this task, this message, these arguments."""

    abstract = True

    def apply_async(  # type: ignore[override]
        self, args: Any = None, kwargs: Any = None, **options: Any
    ) -> Any:
        """Publish with the scope of the current context; `tenant=` names one when no tenant's context is entered."""
        task_id = options.setdefault("task_id", uuid())
        header = sign(self.scope(options.pop("tenant", None)), str(self.name), task_id, args, kwargs)
        # A copy: Celery hands one dictionary to every part of a group.
        headers = {**(options.pop("headers", None) or {}), HEADER: header}
        return super().apply_async(args, kwargs, headers=headers, **options)

    def apply(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:  # type: ignore[override]
        """Run here and now, with the scope that `apply_async` gave (eager mode), or that of the current context."""
        task_id = options.pop("task_id", None) or uuid()
        headers = options.pop("headers", None) or {}
        try:
            verify(headers.get(HEADER), str(self.name), task_id, args, kwargs)
        except exceptions.InvalidScope:
            header = sign(self.scope(options.pop("tenant", None)), str(self.name), task_id, args, kwargs)
            headers = {**headers, HEADER: header}
        return super().apply(args, kwargs, task_id=task_id, headers=headers, **options)

    def scope(self, tenant: context.HasId | None) -> Scope:
        raise NotImplementedError

    def enter(self, scope: Scope) -> AbstractContextManager[Any]:
        raise NotImplementedError

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        request = self.request
        if request.called_directly:
            return super().__call__(*args, **kwargs)
        if request in _verified:  # it calls itself as a function, and is in its context already
            return self.run(*args, **kwargs)
        header = getattr(request, HEADER, None) or (request.headers or {}).get(HEADER)
        scope = verify(header, str(self.name), str(request.id), args, kwargs)
        if not request.is_eager:
            context.abandon()  # what the time limit of the task before may have left
        token = audit_log.source.set(f"task {self.name}")
        try:
            with self.enter(scope):
                _verified[request] = scope
                return self.run(*args, **kwargs)  # super() would put a copy in the place of this request
        finally:
            audit_log.source.reset(token)


class TenantTask(ScopedTask):
    """Runs in the context of the tenant that published it, or of the one an operator named."""

    abstract = True

    def scope(self, tenant: context.HasId | None) -> Scope:
        followed = _followed()
        inside = _inside() or _tenant_of(followed)
        wanted = tenant.id if tenant is not None else inside
        if wanted is None:
            raise exceptions.NoTenant(
                f"{self.name} belongs to a tenant. Publish it inside `context.use(tenant)`."
            )
        if inside is not None and inside != wanted:
            raise exceptions.WrongTenant("A tenant cannot publish a task of another tenant.")
        return Scope(wanted.hex, _epoch(wanted, tenant, followed))

    def enter(self, scope: Scope) -> AbstractContextManager[Any]:
        return _use(scope)


class BackupTask(TenantTask):
    """A tenant's task that enters contexts of its own: the login of backups instead of the tenant's role."""

    abstract = True

    def enter(self, scope: Scope) -> AbstractContextManager[Any]:
        with _use(scope):
            self.request.leasehold_tenant = scope.tenant.id  # type: ignore[attr-defined]
        return nullcontext()


class OperatorTask(ScopedTask):
    """Runs across tenants under the console's login. Beat publishes it, operators do, and what follows such a task."""

    abstract = True

    def scope(self, tenant: context.HasId | None) -> Scope:
        current, followed = context.current(), _followed()
        # Not "where no tenant is entered": a worker applies the links of a message, of a forged one too, in no context.
        allowed = current.kind in OPERATORS if current else followed == Scope(OPERATOR) or _beat.is_set()
        if tenant is not None or not allowed:
            raise exceptions.WrongTenant(
                "A tenant cannot publish an operator's task. Publish it inside `context.operator()`, or from beat."
            )
        return Scope(OPERATOR)

    def enter(self, scope: Scope) -> AbstractContextManager[Any]:
        if scope.name != OPERATOR:
            raise exceptions.InvalidScope()
        return context.operator()


class FreeTask(OperatorTask):
    """An operators' task that enters contexts of its own: another login's, or none while it speaks to other hosts."""

    abstract = True

    def enter(self, scope: Scope) -> AbstractContextManager[Any]:
        if scope.name != OPERATOR:
            raise exceptions.InvalidScope()
        return nullcontext()


class MailTask(ScopedTask):
    """Sends one mail of the outbox and enters no tenant: whose mail it is says the row, sealed."""

    abstract = True

    def scope(self, tenant: context.HasId | None) -> Scope:
        return Scope(MAIL)

    def enter(self, scope: Scope) -> AbstractContextManager[Any]:
        if scope.name != MAIL:
            raise exceptions.InvalidScope()
        return nullcontext()


class HintTask(ScopedTask):
    """Tells a worker to look at rows that a person or an operator has written; it enters contexts of its own.

    No tenant can publish one, and it says nothing that the rows do not say.
    """

    abstract = True

    def scope(self, tenant: context.HasId | None) -> Scope:
        current = context.current()
        if tenant is not None or current is None or current.kind not in OPERATORS | {Kind.IDENTITY}:
            raise exceptions.WrongTenant(f"{self.name} is published as identity or by an operator.")
        return Scope(HINT)

    def enter(self, scope: Scope) -> AbstractContextManager[Any]:
        if scope.name != HINT:
            raise exceptions.InvalidScope()
        return nullcontext()


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


@shared_task(base=HintTask)
def build_tenant(request_id: str) -> bool:
    """Build the tenant that a row asks for; runs in the worker of the queue `ddl`, which holds the owner's login."""
    return provisioning.build(UUID(request_id))


@shared_task(base=OperatorTask)
def sweep() -> int:
    """Send again what rows ask for and no worker has done: a message may be lost, a row may not."""
    found, wanted = ledger.waiting(), provisioning.waiting()
    for backup in found:
        send(backup)
    for request_id in wanted:
        hurry(request_id)
    mails = outbox.waiting()
    for mail_id in mails:
        # One that a busy worker sees only after the next sweep is dropped: that sweep has sent another.
        send_mail.apply_async([str(mail_id)], expires=SWEPT_EXPIRES)
    return len(found) + len(wanted) + len(mails)


@shared_task(base=MailTask)
def send_mail(mail_id: str) -> bool:
    """Send a mail that a row asks for. What fails is sent again by the sweep, which is the only retry."""
    return outbox.deliver(UUID(mail_id))


@shared_task(base=FreeTask)
def prune_mails() -> int:
    """Delete the rows of mails that were given up long ago."""
    return outbox.prune()


@shared_task(base=FreeTask)
def seal_record() -> int:
    """Put the entries of all tenants into their chains."""
    return sealing.seal_all()


@shared_task(base=FreeTask)
def prune_record() -> int:
    """Delete what each tenant's plan keeps no longer."""
    return pruning.prune_all()


@shared_task(base=FreeTask)
def recheck_email_domains() -> int:
    """Look the proven domains of mail addresses up again; returns how many are lost."""
    return len(email_domains.recheck(enter=context.operator))


def send(backup: Backup) -> None:
    """Hand a backup to a worker once the current transaction is kept; if the broker is away, `sweep` does it later."""
    tenant = backup.tenant

    def publish() -> None:
        try:
            take_backup.apply_async([str(backup.id)], tenant=tenant, retry=False)
        except OperationalError as error:
            log.warning("the broker cannot be reached, the sweep will send backup %s: %s", backup.id, error)

    current = context.current()
    transaction.on_commit(publish, using=current.alias if current else None, robust=True)


def hurry(request_id: UUID) -> None:
    """Hand a tenant that a person asked for to the worker once the transaction is kept; else `sweep` does it later."""
    current = context.current()

    def publish() -> None:
        try:
            build_tenant.apply_async([str(request_id)], retry=False)
        except OperationalError as error:
            log.warning("the broker cannot be reached, the sweep will send request %s: %s", request_id, error)

    transaction.on_commit(publish, using=current.alias if current else None, robust=True)


def sign(scope: Scope, task: str, task_id: str, args: Any = None, kwargs: Any = None) -> str:
    """Return the header of a message. What may follow it (links, the rest of a chain) is signed as it is published."""
    content = [scope.name, scope.epoch, task, task_id, _digest(args, kwargs)]
    return signing.dumps(content, salt=SALT)


def verify(header: object, task: str, task_id: str, args: Any = None, kwargs: Any = None) -> Scope:
    """Return the scope that was signed for this task, message and arguments. Raises InvalidScope."""
    try:
        name, epoch, signed_task, signed_id, digest = signing.loads(str(header), salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise exceptions.InvalidScope() from error
    if (signed_task, signed_id, digest) != (task, task_id, _digest(args, kwargs)):
        raise exceptions.InvalidScope("The scope of this task was signed for another message.")
    return Scope(name, epoch)


@contextmanager
def _use(scope: Scope) -> Iterator[None]:
    """Enter the tenant of a message, unless it has had a new epoch since. One query."""
    with context.use(scope.tenant):
        if tenant_signing.scope() != f"{scope.name}:{scope.epoch}":
            raise exceptions.InvalidScope(
                "The tenant was rotated since this was published. Publish it again."
            )
        yield


def _digest(args: Any, kwargs: Any) -> str:
    # As they look after their journey: a tuple arrives as a list, a lazy text as a text.
    body = json.dumps([list(args or ()), kwargs or {}])
    return hashlib.sha256(body.encode()).hexdigest()


def _inside() -> UUID | None:
    current = context.current()
    return current.tenant_id if current else None


def _followed() -> Scope | None:
    """Return the scope of the message that this process or thread works on, also once its context is left."""
    running = get_current_task()
    return _verified.get(running.request) if running is not None else None


def _tenant_of(scope: Scope | None) -> UUID | None:
    return None if scope is None or scope.name in NOBODYS else scope.tenant.id


def _epoch(tenant_id: UUID, named: Any, followed: Scope | None) -> str:
    if _inside() is not None:
        return tenant_signing.scope().partition(":")[2]
    if named is None and followed is not None:
        return followed.epoch
    epoch: str = getattr(named, "epoch", "")
    if not epoch:
        raise exceptions.NoTenant(
            f"The epoch of {tenant_id} is not known. Pass a tenant that was read from its row."
        )
    return epoch
