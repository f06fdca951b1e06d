"""Django's SQL compilers, which refuse a query that was built in another tenant, alone or as a part of another."""

from typing import Any

from django.db.backends.postgresql import compiler as postgresql  # type: ignore[attr-defined]

from tenants import guard


class Guarded:
    """Every query and subquery passes here on its way to SQL."""

    def __init__(self, query: Any, *args: Any, **kwargs: Any) -> None:
        guard.check(getattr(query, "tenant", None))
        super().__init__(query, *args, **kwargs)  # type: ignore[call-arg]


class SQLCompiler(Guarded, postgresql.SQLCompiler):  # type: ignore[misc]
    pass


class SQLInsertCompiler(Guarded, postgresql.SQLInsertCompiler):  # type: ignore[misc]
    pass


class SQLDeleteCompiler(Guarded, postgresql.SQLDeleteCompiler):  # type: ignore[misc]
    pass


class SQLUpdateCompiler(Guarded, postgresql.SQLUpdateCompiler):  # type: ignore[misc]
    pass


class SQLAggregateCompiler(Guarded, postgresql.SQLAggregateCompiler):  # type: ignore[misc]
    pass
