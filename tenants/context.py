"""The only ways into data: a context is a block, a transaction and one database role; never two at once."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, cast
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction

from tenants import exceptions

if TYPE_CHECKING:
    from tenants.db.base import DatabaseWrapper


class Kind(StrEnum):
    TENANT = "tenant"
    IDENTITY = "identity"
    PUBLIC = "public"
    OPERATOR = "operator"
    OWNER = "owner"
    BACKUP = "backup"


ALIAS = {
    Kind.TENANT: "default",
    Kind.IDENTITY: "default",
    Kind.PUBLIC: "default",
    Kind.OPERATOR: "console",
    Kind.OWNER: "owner",
    Kind.BACKUP: "backup",
}


class Who(StrEnum):
    """Who acts inside a tenant when it is no visitor; the text is the setting that own-row policies ask."""

    SYSTEM = "system"  # tasks, commands, restores: the work itself
    STAFF = "staff"  # a verified member, or an operator who acts as one
    NOBODY = ""


# A UUID is a visitor of the tenant's own site, who sees their own rows.
Actor = Who | UUID


class HasId(Protocol):
    @property
    def id(self) -> UUID: ...


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """Where queries go now. Compared by identity: two blocks of one tenant are two transactions."""

    kind: Kind
    tenant_id: UUID | None = None
    epoch: str = ""  # what salts the tenant's signatures; '' until somebody asks (`signing.scope`)
    read_only: bool = False  # the database refuses to change anything
    actor: Actor = Who.SYSTEM

    @property
    def alias(self) -> str:
        return ALIAS[self.kind]

    def same_place(self, other: "Context") -> bool:
        return self.kind is other.kind and self.tenant_id == other.tenant_id


_current: ContextVar[Context | None] = ContextVar("leasehold_context", default=None)
_acting: ContextVar[Actor] = ContextVar("leasehold_actor", default=Who.SYSTEM)


def use(
    tenant: HasId, *, actor: Actor | None = None, read_only: bool = False
) -> AbstractContextManager[Context]:
    """Enter tenant: queries run as its role, in its schema, in one transaction that commits at the end.

    The first query opens the transaction. Nested in the same tenant it is a savepoint; in another one, or inside
    an ordinary `atomic`, it raises WrongTenant. An aborted transaction raises TransactionAborted on leaving.

    `actor` is whose rows own-row policies show: by default those of whoever acts around this (a request's caller), and
    all of them where nobody does. Nested with another actor raises WrongActor.
    """
    return _enter(Kind.TENANT, tenant.id, getattr(tenant, "epoch", ""), read_only=read_only, actor=actor)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Have what this block enters without a word enter as actor; it enters nothing by itself."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)


def identity() -> AbstractContextManager[Context]:
    """Enter the role that may read credentials, sessions and keys: for the short step that says who is calling."""
    return _enter(Kind.IDENTITY)


def public() -> AbstractContextManager[Context]:
    """Enter the bare login of tenant-facing processes: it may resolve a host to a tenant, and little else."""
    return _enter(Kind.PUBLIC)


def operator() -> AbstractContextManager[Context]:
    """Enter the login of operator-facing processes: shared tables of all tenants, no tenant's schema."""
    return _enter(Kind.OPERATOR)


def owner() -> AbstractContextManager[Context]:
    """Enter the login that owns every object: provisioning, migrations and restores only."""
    return _enter(Kind.OWNER)


def backup() -> AbstractContextManager[Context]:
    """Enter the login of backups: it reads everything in one snapshot and writes only its own ledger."""
    return _enter(Kind.BACKUP)


def current() -> Context | None:
    """Return the innermost context, or None outside of any."""
    return _current.get()


def tenant_id() -> UUID:
    """Return the id of the tenant whose context is entered. Raises NoTenant."""
    context = _current.get()
    if context is None or context.tenant_id is None:
        raise exceptions.NoTenant()
    return context.tenant_id


def roll_back() -> None:
    """Have the current context discard its changes when it ends, without an exception."""
    context = _current.get()
    if context is None:
        raise exceptions.NoTenant()
    _connection(context).discard()


def abandon() -> None:
    """Forget what an interruption left entered in this thread, and close its connections.

    A time limit or a signal may strike inside the very steps that enter and leave a block; whoever comes next in the
    thread would be refused for ever. For where no block can be open, as ahead of a task.
    """
    opened = [cast("DatabaseWrapper", found) for found in connections.all(initialized_only=True)]
    if not any(connection.in_test() for connection in opened):
        _current.set(None)
        for connection in opened:
            connection.abandon()


@contextmanager
def _enter(
    kind: Kind,
    tenant_id: UUID | None = None,
    epoch: str = "",
    *,
    read_only: bool = False,
    actor: Actor | None = None,
) -> Iterator[Context]:
    outer = _current.get()
    around = outer.actor if outer is not None and outer.kind is Kind.TENANT else _acting.get()
    context = Context(kind, tenant_id, epoch, read_only, around if actor is None else actor)
    if outer is not None and _connection(outer).bound is outer:
        yield from _nest(outer, context)
        return
    if (
        outer is not None
        and None not in (outer.tenant_id, context.tenant_id)
        and not outer.same_place(context)
    ):
        raise exceptions.WrongTenant()
    yield from _open(context)


def _nest(outer: Context, context: Context) -> Iterator[Context]:
    if not outer.same_place(context):
        raise exceptions.WrongTenant(
            f"A context of {outer.kind} {outer.tenant_id or ''} is entered. Leave it before entering {context.kind}."
        )
    # Nor by a savepoint: RELEASE keeps what was set inside it, and the block around would go on as somebody else.
    if outer.kind is Kind.TENANT and outer.actor != context.actor:
        raise exceptions.WrongActor()
    with transaction.atomic(using=outer.alias):
        yield outer


def _open(context: Context) -> Iterator[Context]:
    connection = _connection(context)
    connection.refuse_open_transaction()
    with connection.logged_in(context):
        token = _current.set(context)
        try:
            with transaction.atomic(using=context.alias):
                connection.bind(context)
                try:
                    yield context
                    connection.refuse_aborted()
                finally:
                    connection.unbind()
        finally:  # After COMMIT: what runs on commit still knows for whom.
            _current.reset(token)


def _connection(context: Context) -> "DatabaseWrapper":
    if not settings.DATABASES.get(context.alias):
        raise exceptions.NoLogin(
            f"This process holds no login for {context.kind}."
            f" Give it one in DATABASES[{context.alias!r}] if it may have it."
        )
    return cast("DatabaseWrapper", connections[context.alias])
