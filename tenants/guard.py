"""Objects remember their tenant: rows, querysets and iterators of tenant apps raise WrongTenant in another one.

Apps stay ordinary Django: `install` gives every model of a tenant app these classes when the process starts. An
instance carries its tenant in `_state.tenant` from the moment it was read or saved, a queryset in `query.tenant` from
the moment it was built inside a tenant; both survive copying and pickling. What the SQL compiler asks stands in
`db/compiler.py`, what relations ask in `db/router.py`. Values that were read already (an attribute, a cached foreign
key) are plain memory.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.db.models.options import Options, make_immutable_fields_list
from django.db.models.query import QuerySet
from django.utils.functional import cached_property

from tenants import context, exceptions


def check(tenant: UUID | None) -> None:
    """Raise WrongTenant when another context is entered than that of tenant. Outside of any, queries raise NoTenant."""
    current = context.current()
    if tenant is not None and current is not None and current.tenant_id != tenant:
        raise exceptions.WrongTenant(
            f"This was read or built in tenant {tenant}, and the current context is of {current.kind}"
            f" {current.tenant_id or ''}. Read it again here."
        )


def check_instance(instance: Any) -> None:
    """Raise WrongTenant for an instance that belongs to another tenant than the current context's."""
    check(getattr(instance._state, "tenant", None))


def install() -> None:
    """Guard every model of the tenant apps; parents before children, so that each class is guarded once."""
    models = [
        model
        for config in apps.get_app_configs()
        if is_tenant_app(config)
        for model in config.get_models(include_auto_created=True, include_swapped=True)
    ]
    for model in sorted(models, key=lambda model: len(model.__mro__)):
        guard(model)


def is_tenant_app(config: Any) -> bool:
    """Whether TENANT_APPS names this app, as a package or as a configuration."""
    path = f"{type(config).__module__}.{type(config).__qualname__}"
    return bool({config.name, path} & set(settings.TENANT_APPS))


def guard(model: type[Model]) -> None:
    """Have a model's instances and querysets remember their tenant."""
    if not issubclass(model, TenantModel):
        model.__bases__ = (TenantModel, *model.__bases__)
    options: Any = model._meta
    if not isinstance(options, TenantOptions):
        options.__class__ = TenantOptions
        options._expire_cache()  # the managers that stand there are plain ones


def is_guarded(model: type[Model]) -> bool:
    """Whether instances and every manager of a model remember their tenant."""
    options: Any = model._meta
    managers = (*options.managers, options.base_manager, options.default_manager)
    return issubclass(model, TenantModel) and all(isinstance(one, TenantManager) for one in managers)


class TenantOptions(Options):  # type: ignore[type-arg]
    """The `_meta` of a guarded model. Django makes its managers anew whenever a model is registered."""

    @cached_property
    def managers(self) -> Any:
        return make_immutable_fields_list("managers", map(_guard_manager, super().managers))

    @cached_property
    def base_manager(self) -> Any:
        return _guard_manager(super().base_manager)


class TenantModel:
    """What a tenant's model does before Django's own: it refuses to be written or read again in another tenant."""

    _state: Any

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any) -> Any:
        instance = super().from_db(db, field_names, values)  # type: ignore[misc]
        instance._state.tenant = _current()
        return instance

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        check_instance(self)
        super().save_base(*args, **kwargs)  # type: ignore[misc]
        self._state.tenant = _current()

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        check_instance(self)
        return super().delete(*args, **kwargs)  # type: ignore[misc]

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        check_instance(self)  # Also the way of every deferred field.
        super().refresh_from_db(*args, **kwargs)  # type: ignore[misc]


class Remembering:
    """Rows in memory belong to the tenant in which they were read: each look at them asks."""

    query: Any

    @property
    def _result_cache(self) -> list[Any] | None:
        rows: list[Any] | None = self.__dict__.get("_result_cache")
        if rows is not None:
            check(getattr(self.query, "tenant", None))
        return rows

    @_result_cache.setter
    def _result_cache(self, rows: list[Any] | None) -> None:
        if rows is not None and getattr(self.query, "tenant", None) is None:
            self.query.tenant = _current()
        self.__dict__["_result_cache"] = rows


class TenantQuerySet(Remembering):
    """A queryset that runs in the tenant in which it was built, and nowhere else."""

    plain: type[QuerySet[Any]]

    def __reduce__(self) -> Any:
        return _unpickle, (self.plain,), self.__getstate__()

    def _merge_sanity_check(self, other: Any) -> None:
        """Ask for the right side of `|`, `&` and `^`: its conditions are copied, and its stamp would be lost."""
        check(getattr(other.query, "tenant", None))
        super()._merge_sanity_check(other)  # type: ignore[misc]

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        return _in_place(iter(super().iterator(*args, **kwargs)))  # type: ignore[misc]

    async def aiterator(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        rows, entered = aiter(super().aiterator(*args, **kwargs)), context.current()  # type: ignore[misc]
        while True:
            _require(entered)
            try:
                row = await anext(rows)
            except StopAsyncIteration:
                return
            yield row

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        return _guard_raw(super().raw(*args, **kwargs), self.query.tenant)  # type: ignore[misc]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        made = list(objs)
        _check_all(made)
        super().bulk_create(made, *args, **kwargs)  # type: ignore[misc]
        for instance in made:
            instance._state.tenant = _current()
        return made

    def bulk_update(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        changed = list(objs)
        _check_all(changed)
        return super().bulk_update(changed, *args, **kwargs)  # type: ignore[misc]


class TenantRawQuerySet(Remembering):
    """Rows of `Model.objects.raw()`; its statement passes no compiler, so it asks for itself."""

    def iterator(self) -> Iterator[Any]:
        check(self.query.tenant)
        return _in_place(iter(super().iterator()))  # type: ignore[misc]

    def using(self, alias: str) -> Any:
        return _guard_raw(super().using(alias), self.query.tenant)  # type: ignore[misc]


class TenantManager:
    """A manager whose querysets remember in which tenant they were built."""

    def get_queryset(self) -> Any:
        found = super().get_queryset()  # type: ignore[misc]
        if not isinstance(found, TenantQuerySet):
            found.__class__ = _guarded(TenantQuerySet, type(found))
        if getattr(found.query, "tenant", None) is None:
            found.query.tenant = _current()
        return found


def _guard_manager(manager: Any) -> Any:
    if not isinstance(manager, TenantManager):
        manager.__class__ = _guarded(TenantManager, type(manager))
    return manager


def _guard_raw(found: Any, tenant: UUID | None) -> Any:
    """Give a raw queryset, which Django makes by name and not by class, its guard and its stamp."""
    found.__class__ = _guarded(TenantRawQuerySet, type(found))
    found.query.tenant = tenant
    return found


def _guarded(mixin: type, plain: Any) -> Any:
    """Return the plain class with mixin in front of it, under the plain one's name: migrations write it down."""
    if (mixin, plain) not in _classes:
        attributes = {"__module__": plain.__module__, "__qualname__": plain.__qualname__, "plain": plain}
        _classes[mixin, plain] = type(plain.__name__, (mixin, plain), attributes)
    return _classes[mixin, plain]


_classes: dict[tuple[type, type], type] = {}


def _unpickle(plain: type[Any]) -> Any:
    return _guarded(TenantQuerySet, plain)()


def _current() -> UUID | None:
    current = context.current()
    return None if current is None else current.tenant_id


def _check_all(instances: list[Any]) -> None:
    for instance in instances:
        check_instance(instance)


def _in_place(rows: Iterator[Any]) -> Iterator[Any]:
    """Yield rows, and ask before each: the next one may be wanted when the context has been left."""
    entered = context.current()
    while True:
        _require(entered)
        try:
            row = next(rows)
        except StopIteration:
            return
        yield row


def _require(entered: context.Context | None) -> None:
    """Raise when the context that an iterator reads in is not the current one: its transaction is over or waits."""
    current = context.current()
    if current is not entered:
        raise (
            exceptions.NoTenant()
            if current is None
            else exceptions.WrongTenant(
                "This iterator reads in another context than the current one. Read it to its end inside its own."
            )
        )
