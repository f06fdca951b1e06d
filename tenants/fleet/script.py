"""One schema as the statements that build it: read from a template, kept as a file; it never runs them."""

import hashlib
import heapq
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, NamedTuple

from tenants import exceptions, names, queries
from tenants.fleet import catalog

SQL = queries.load(Path(__file__).parents[1] / "sql" / "script.sql")
SECTIONS = ("before", "rows", "after")
# The order of the kinds; what stands in the first line is made before the rows are there.
EARLY = ("type", "sequence", "function", "table", "column")
LATE = ("key", "index", "check", "foreign key", "view", "statistics", "trigger", "policy")
LAST = ("setting", "comment")
KINDS = EARLY + LATE + LAST
# A function comes early only when something else does that needs it.
ROOTS = frozenset(EARLY) - {"function"}
HEADER = "-- A tenant's schema, derived from a migrated template: do not edit.\n\n"
SEPARATOR = "-- --"
MARKERS = re.compile(rf"^-- (?:(?:{'|'.join(SECTIONS)}) )?--$", re.MULTILINE)
# The text of a quoted identifier, or of a literal with what it is cast to.
QUOTED = re.compile(r""""[^"]*"|'([^']*)'(::reg)?""")


class NotScriptable(exceptions.TenancyError):
    """The schema holds something that no script can build. Change the migration that made it."""

    code = "not_scriptable"


class NotAScript(exceptions.TenancyError):
    """The text is not what Script.dump() writes. Derive it again."""

    code = "not_a_script"


@dataclass(frozen=True)
class Script:
    """The statements, without a final semicolon; they name no schema, so that search_path says where they build.

    Rows of a restore go in after `rows` and before `after`.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    rows: tuple[str, ...]

    def dump(self) -> str:
        """Return the text for a file, which psql could run. Raises NotScriptable when parse() would misread it."""
        parts = [HEADER]
        for section in SECTIONS:
            parts += [f"-- {section} --\n\n", *map(_entry, getattr(self, section))]
        return "".join(parts)

    @property
    def digest(self) -> str:
        """The SHA-256 of the text, as 64 hex digits."""
        return hashlib.sha256(self.dump().encode()).hexdigest()


class Statement(NamedTuple):
    kind: str
    name: str
    sql: str
    node: int | None
    needs: list[int]

    @property
    def rank(self) -> tuple[int, str, str]:
        return (KINDS.index(self.kind), self.name, self.sql)


def derive(connection: catalog.Connection, schema: str) -> Script:
    """Return the script of a template schema, which has an opaque name. Raises NotScriptable, naming the object.

    Owners and grants are no part of it. Derive on the newest server: only 18 knows the names of NOT NULL constraints.
    """
    if not names.SCHEMA.fullmatch(schema):
        raise NotScriptable(f"{schema!r} may be part of other words: call a template t_ and 32 hex digits.")
    with catalog.reading(connection) as cursor:
        _refuse_unknown(cursor, schema)
        statements = [Statement(*row) for row in _fetch(cursor, "statements", schema)]
        rows = _ledger(cursor, schema)
    before, after = _split(_stripped(statement, schema) for statement in statements)
    return Script(before=before, after=after, rows=rows)


def parse(text: str) -> Script:
    """Return the script whose dump is text. Raises NotAScript."""
    try:
        _, before, rows, after = re.split(r"^-- (?:before|rows|after) --\n\n", text, flags=re.MULTILINE)
    except ValueError as error:
        raise NotAScript() from error
    script = Script(before=_statements(before), rows=_statements(rows), after=_statements(after))
    if script.dump() != text:
        raise NotAScript()
    return script


def _entry(statement: str) -> str:
    if MARKERS.search(statement):
        raise NotScriptable(f"A line of this statement is a mark of the file format: {statement}")
    return f"{statement};\n{SEPARATOR}\n\n"


def _statements(section: str) -> tuple[str, ...]:
    return tuple(section.split(f";\n{SEPARATOR}\n\n")[:-1])


def _fetch(cursor: Any, query: str, schema: str) -> list[tuple[Any, ...]]:
    cursor.execute(SQL[query], {"schema": schema})
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _refuse_unknown(cursor: Any, schema: str) -> None:
    catalog.check_exists(cursor, schema)
    refused = [f"{name}: {reason}" for name, reason in _fetch(cursor, "refused", schema)]
    if refused:
        raise NotScriptable("; ".join(refused))


def _ledger(cursor: Any, schema: str) -> tuple[str, ...]:
    """Return the rows of the schema's own django_migrations, if it has one."""
    ((_, exists),) = _fetch(cursor, "ledger_path", schema)
    return tuple(sql for (sql,) in _fetch(cursor, "ledger", schema)) if exists else ()


def _stripped(statement: Statement, schema: str) -> Statement:
    """Take the schema's name off. A name inside a literal is text that nobody would resolve: only regclass is."""
    literals = [match for match in QUOTED.finditer(statement.sql) if schema in match[0] and not match[2]]
    bare = statement._replace(
        name=statement.name.replace(f"{schema}.", ""), sql=statement.sql.replace(f"{schema}.", "")
    )
    if literals or names.SCHEMA.search(bare.sql):
        raise NotScriptable(f"{bare.kind} {bare.name} names a tenant's schema or role: {statement.sql}")
    return bare


def _split(statements: Iterable[Statement]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the statements that come before the rows and after them, each behind what it needs."""
    listed = sorted(statements, key=lambda statement: statement.rank)
    placed = [statement for statement in listed if statement.node is None]
    made = {statement.node: statement for statement in listed if statement.node is not None}
    if len(made) + len(placed) < len(listed):
        raise NotScriptable("Two objects of different catalogs have the same oid. Build the template again.")
    early = _with_needs(made, {node for node, statement in made.items() if statement.kind in ROOTS})
    ordered = [*_ordered(made), *placed]

    def comes_early(statement: Statement) -> bool:
        return statement.kind in EARLY if statement.node is None else statement.node in early

    before = tuple(statement.sql for statement in ordered if comes_early(statement))
    return before, tuple(statement.sql for statement in ordered if not comes_early(statement))


def _with_needs(made: dict[int, Statement], roots: set[int]) -> set[int]:
    found, new = set(roots), roots
    while new:
        new = {need for node in new for need in made[node].needs if need in made} - found
        found |= new
    return found


def _ordered(made: dict[int, Statement]) -> Iterator[Statement]:
    """Yield the statements by rank, except that what one needs comes first."""
    sorter = TopologicalSorter({node: set(statement.needs) & made.keys() for node, statement in made.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        circle = ", ".join(sorted({f"{made[node].kind} {made[node].name}" for node in error.args[1]}))
        raise NotScriptable(f"These need each other, so that none can be made first: {circle}") from error
    ready: list[tuple[tuple[int, str, str], int]] = []
    while sorter.is_active():
        for node in sorter.get_ready():
            heapq.heappush(ready, (made[node].rank, node))
        _, node = heapq.heappop(ready)
        yield made[node]
        sorter.done(node)
