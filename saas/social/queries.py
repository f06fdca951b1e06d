"""SQL kept as SQL: the statements of `sql/queries.sql`, by name. Nothing here composes one."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections, router

from saas.social.models import Profile

HEADER = re.compile(r"^-- (\w+) --$", re.MULTILINE)
PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement whose parameters are named, in the order in which Django's RawSQL wants them."""

    sql: str
    names: tuple[str, ...]

    def values(self, **parameters: Any) -> list[Any]:
        return [parameters[name] for name in self.names]

    def rows(self, **parameters: Any) -> list[tuple[Any, ...]]:
        """Send it and return what it returns, nothing for a statement that returns nothing."""
        with connections[router.db_for_write(Profile)].cursor() as cursor:
            cursor.execute(self.sql, self.values(**parameters))
            return cursor.fetchall() if cursor.description else []


def _load(path: Path) -> dict[str, Statement]:
    _, *parts = HEADER.split(path.read_text(encoding="utf-8"))
    return {
        name: Statement(PARAMETER.sub("%s", text).strip(), tuple(PARAMETER.findall(text)))
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


NAMED = _load(Path(__file__).with_name("sql") / "queries.sql")
