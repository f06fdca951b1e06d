"""By which connections an attack may go: each name is a way to set Django's connection up, the same for both sides."""

from typing import Any

POOLED = "pgbouncer"  # the ground then gives the URL of PgBouncer, in transaction mode


def apply(database: dict[str, Any], name: str) -> None:
    """Change an entry of DATABASES; raises KeyError for a name that is unknown."""
    {
        "direct": _direct,
        "pgbouncer": _pgbouncer,
        "pool": _pool,
        "server binding": _server_binding,
        "closed at once": _closed_at_once,
        "prepared": _prepared,
    }[name](database)


def _direct(database: dict[str, Any]) -> None:
    """A connection per thread, kept for as long as the settings say."""


def _pgbouncer(database: dict[str, Any]) -> None:
    """As Django's documentation wants it behind a pool in transaction mode."""
    database["DISABLE_SERVER_SIDE_CURSORS"] = True


def _pool(database: dict[str, Any]) -> None:
    """Django's own pool, in which threads share a few connections."""
    database["CONN_MAX_AGE"] = 0
    database["OPTIONS"] = {
        **database.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": 4, "timeout": 10},
    }


def _server_binding(database: dict[str, Any]) -> None:
    database["OPTIONS"] = {**database.get("OPTIONS", {}), "server_side_binding": True}


def _closed_at_once(database: dict[str, Any]) -> None:
    database["CONN_MAX_AGE"] = 0


def _prepared(database: dict[str, Any]) -> None:
    """Each statement is prepared at its first execution, and its plan is used for whoever comes next."""
    database["OPTIONS"] = {
        **database.get("OPTIONS", {}),
        "server_side_binding": True,
        "prepare_threshold": 0,
    }
