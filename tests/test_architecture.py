"""The rules of the tree, read from the syntax of every module; each rule must also find what was planted for it."""

import ast
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("tenants", "billing", "saas")  # each may import itself and what stands before it
TENANT_APPS = ("saas/visitors", "saas/commerce", "saas/social")
FOR_TENANT_APPS = ("billing.usage", "billing.flags")
MODULE_LINES = 400
FUNCTION_LINES = 50
BANNED_NAMES = frozenset(
    "base common core helper helpers manager managers misc service services util utils".split()
)

# Exceptions. Each is a path and the reason; one that is no longer needed fails a test below.
NAMED_ANYWAY = {"tenants/db/base.py": "Django imports a backend as ENGINE + '.base'"}
FILLED_ANYWAY = {
    f"{app}/models/__init__.py": "Django looks for an app's models there"
    for app in ("tenants", "saas/commerce", "saas/social")
}
COMPOSES_IDENTIFIERS = {
    "tenants/ddl.py": "the one door: builds and drops a schema and its role",
    "tenants/rls.py": "migration operations for policies, whose table is known when they run",
    "tenants/adoption.py": "a migration operation, whose table is named by the migration",
    "tenants/grants.py": "migration operations for grants, whose table is known when they run",
    "tenants/backups/tables.py": "COPY takes no parameters; names of tables and columns come from the catalog",
    "tenants/backups/restore.py": "rows of tables that the backup's verified manifest names",
}
COMPOSES_SQL = {
    "tenants/db/entry.py": "the entry message, sent below any cursor; only hex digits of a UUID vary"
}


@dataclass(frozen=True)
class Module:
    """One module: its path from the root, its text and its syntax tree."""

    path: str
    source: str

    @functools.cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.source, self.path)))

    @property
    def floor(self) -> str:
        return self.path.split("/", 1)[0]

    @property
    def is_migration(self) -> bool:
        return "/migrations/" in self.path


Rule = Callable[[Module], Iterator[str]]


def above(floor: str) -> tuple[str, ...]:
    return FLOORS[FLOORS.index(floor) + 1 :]


# Imports


def imports_only_downward(module: Module) -> Iterator[str]:
    """Also inside functions, under TYPE_CHECKING, by importlib, and as the name of a model."""
    for line, name in (*imported(module), *named(module)):
        if name.split(".", 1)[0] in above(module.floor):
            yield f"{module.path}:{line} refers to {name}, which stands above {module.floor}"


def tenant_apps_know_no_tenancy(module: Module) -> Iterator[str]:
    if not module.path.startswith(tuple(f"{app}/" for app in TENANT_APPS)):
        return
    for line, name in imported(module):
        floor = name.split(".", 1)[0]
        if floor in ("tenants", "billing") and not within(name, FOR_TENANT_APPS):
            yield f"{module.path}:{line} imports {name}; a tenant app may use {' and '.join(FOR_TENANT_APPS)}"


def imported(module: Module) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of each import; `from a import b` is a.b, whether b is a module or not."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__", "import_string"):
            yield from ((node.lineno, text) for argument in node.args if (text := literal(argument)))


def named(module: Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string that is a dotted name ("billing.Plan"), in migrations a bare one too."""
    pattern = r"[a-z_]+(\.\w+)*" if module.is_migration else r"[a-z_]+(\.\w+)+"
    for node in module.nodes:
        if (text := literal(node)) and re.fullmatch(pattern, text):
            yield getattr(node, "lineno", 0), text


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


# SQL

VERBS = (
    "SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|VALUES|TABLE|CREATE|DROP|ALTER|GRANT|REVOKE|TRUNCATE|COPY|SET|RESET|SHOW|CALL|DO"
    "|EXPLAIN|ANALYZE|VACUUM|REINDEX|CLUSTER|LOCK|COMMENT|DECLARE|FETCH|NOTIFY|LISTEN|PREPARE|EXECUTE|BEGIN|COMMIT"
    "|ROLLBACK|SAVEPOINT|RELEASE|REFRESH|REASSIGN"
)
OBJECTS = (
    "TABLE|ROLE|USER|SCHEMA|DATABASE|INDEX|UNIQUE|VIEW|MATERIALIZED|FUNCTION|POLICY|SEQUENCE|TYPE|EXTENSION|TRIGGER"
    "|DEFAULT"
)
SQL = re.compile(
    # A verb where a statement or a subquery begins,
    rf"(?:\A|[;(\n])\s*(?:{VERBS})(?=\s|\Z|\(|\0)"
    # or a phrase that is SQL wherever it stands. A list of verbs in a message is neither.
    rf"|\bSELECT\b.*\bFROM\b|\bINSERT INTO\b|\bDELETE FROM\b|\bUPDATE \S+ SET\b|\b(?:CREATE|DROP|ALTER) (?:{OBJECTS})\b"
    r"|\bSET (?:LOCAL|ROLE|SESSION|search_path)\b|\bGRANT\b.*\bTO\b|\bREVOKE\b.*\bFROM\b|\bCOPY\b.*\b(?:FROM|TO)\b"
    r"|\bTRUNCATE\b|\b(?:WHERE|ORDER BY|GROUP BY|HAVING|RETURNING|ON CONFLICT)\b|\bJOIN\b.*\bON\b|\bVALUES\s*\(",
    re.DOTALL,
)
HOLE = "\0"  # stands for what is not known before run time
STRING_BUILDERS = ("format", "format_map", "replace", "join")


def composes_no_sql(module: Module) -> Iterator[str]:
    """No SQL by f-string, `%`, `+`, `+=`, format, replace, join or Template. Parameters are no composition."""
    if module.path in COMPOSES_SQL:
        return
    constants = string_constants(module)
    for node in module.nodes:
        text = composed(node, constants)
        if text is not None and HOLE in text and SQL.search(text):
            yield f"{module.path}:{getattr(node, 'lineno', 0)} composes SQL: {text.replace(HOLE, '{}')[:60]!r}"


def composed(node: ast.AST, constants: dict[str, str]) -> str | None:
    """Return the text that an expression builds, with a HOLE for each part that varies; None for other nodes."""
    match node:
        case ast.JoinedStr() | ast.BinOp(op=ast.Add()):
            return text_of(node, constants)
        case ast.BinOp(left=template, op=ast.Mod()):
            return filled(text_of(template, constants))
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
            return constants.get(name, HOLE) + text_of(value, constants)
        case ast.Call(func=ast.Attribute(value=receiver, attr=attr), args=arguments) if (
            attr in STRING_BUILDERS
        ):
            joined = "".join(text_of(part, constants) for argument in arguments for part in parts(argument))
            return joined if attr == "join" else filled(text_of(receiver, constants))
        case ast.Call(args=[first, *_]) if called(node) == "Template":
            return filled(text_of(first, constants))
        case _:
            return None


def text_of(node: ast.AST, constants: dict[str, str]) -> str:
    match node:
        case ast.JoinedStr(values=values):
            return "".join(text_of(value, constants) for value in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text_of(left, constants) + text_of(right, constants)
        case ast.Name(id=name):
            return constants.get(name, HOLE)
    text = literal(node)
    return HOLE if text is None else text


def filled(template: str) -> str:
    """A template whose text is known has its holes in the arguments; one that is unknown says nothing."""
    return "" if template == HOLE else template + HOLE


def parts(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return elements
        case ast.GeneratorExp(elt=element) | ast.ListComp(elt=element):
            return [element]
    return []


def string_constants(module: Module) -> dict[str, str]:
    """Return the names of a module that are given a text, in whatever scope: QUERY = "..." and QUERY % x is caught."""
    found: dict[str, str] = {}
    for node in module.nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        if (text := literal(value)) is not None:
            found[name] = found.get(name, "") + "\n" + text
    return found


def only_ddl_composes_identifiers(module: Module) -> Iterator[str]:
    if module.path in COMPOSES_IDENTIFIERS:
        return
    for line, name in imported(module):
        if within(name, ("psycopg.sql",)):
            yield f"{module.path}:{line} imports psycopg.sql; composing identifiers belongs in tenants/ddl.py"
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "psycopg.sql":
            yield f"{module.path}:{node.lineno} uses psycopg.sql; composing identifiers belongs in tenants/ddl.py"


def literal(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Constant(value=bytes(raw)):
            return raw.decode("latin-1")
    return None


def called(node: ast.Call) -> str:
    return ast.unparse(node.func).rsplit(".", 1)[-1]


# Rooms


def modules_are_named_for_what_they_hold(module: Module) -> Iterator[str]:
    if module.path in NAMED_ANYWAY:
        return
    for part in PurePosixPath(module.path).with_suffix("").parts:
        if part.strip("_") in BANNED_NAMES:
            yield f"{module.path}: {part!r} says nothing about what lives there"


def packages_stay_empty(module: Module) -> Iterator[str]:
    if module.path.endswith("/__init__.py") and module.source.strip() and module.path not in FILLED_ANYWAY:
        yield f"{module.path} is not empty"


def modules_are_short(module: Module) -> Iterator[str]:
    lines = len(module.source.splitlines())
    if lines > MODULE_LINES and not module.is_migration:
        yield f"{module.path} has {lines} lines; above {MODULE_LINES} it is two rooms"


def functions_are_short(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{module.path}:{node.lineno} {node.name} has {lines} lines; above {FUNCTION_LINES} it is two"


RULES: tuple[Rule, ...] = (
    imports_only_downward,
    tenant_apps_know_no_tenancy,
    composes_no_sql,
    only_ddl_composes_identifiers,
    modules_are_named_for_what_they_hold,
    packages_stay_empty,
    modules_are_short,
    functions_are_short,
)

LONG_FUNCTION = "def f():\n" + "    x = 1\n" * FUNCTION_LINES
PLANTED: list[tuple[Rule, str, str]] = [
    (imports_only_downward, "tenants/x.py", "import billing.plans"),
    (imports_only_downward, "tenants/x.py", "from billing import plans"),
    (imports_only_downward, "tenants/x.py", "def f():\n    from saas.api import errors"),
    (imports_only_downward, "tenants/x.py", "if TYPE_CHECKING:\n    from billing.models import Plan"),
    (imports_only_downward, "tenants/x.py", "plans = importlib.import_module('billing.plans')"),
    (
        imports_only_downward,
        "tenants/x.py",
        "plan = models.ForeignKey('billing.Plan', on_delete=models.CASCADE)",
    ),
    (imports_only_downward, "tenants/migrations/0002_x.py", "dependencies = [('billing', '0001_initial')]"),
    (imports_only_downward, "billing/x.py", "from saas import settings"),
    (imports_only_downward, "billing/x.py", "async def f():\n    import saas"),
    (tenant_apps_know_no_tenancy, "saas/commerce/models.py", "from tenants import context"),
    (tenant_apps_know_no_tenancy, "saas/commerce/models.py", "def f():\n    import tenants.models"),
    (tenant_apps_know_no_tenancy, "saas/commerce/x.py", "from billing import plans"),
    (tenant_apps_know_no_tenancy, "saas/commerce/x.py", "from billing.usage_of_others import x"),
    (composes_no_sql, "saas/x.py", "f'SELECT * FROM {table}'"),
    (composes_no_sql, "saas/x.py", "f'DROP {kind} {name}'"),
    (composes_no_sql, "saas/x.py", "f'{verb} x FROM y WHERE {column} = %s'"),
    (composes_no_sql, "saas/x.py", "f'''\n    UPDATE {table} SET a = 1'''"),
    (composes_no_sql, "saas/x.py", "sql.SQL(f'GRANT {role} TO app')"),
    (composes_no_sql, "saas/x.py", "'DELETE FROM x WHERE id = %s' % pk"),
    (composes_no_sql, "saas/x.py", "b'SET LOCAL ROLE %s' % role"),
    (composes_no_sql, "saas/x.py", "QUERY = 'SELECT 1 FROM %s'\ndef f(t):\n    return QUERY % t"),
    (composes_no_sql, "saas/x.py", "'INSERT INTO {} VALUES (1)'.format(table)"),
    (composes_no_sql, "saas/x.py", "'SET ROLE {r}'.format_map(roles)"),
    (composes_no_sql, "saas/x.py", "QUERY: str = 'TRUNCATE name'\nQUERY.replace('name', table)"),
    (composes_no_sql, "saas/x.py", "'CREATE SCHEMA ' + name"),
    (composes_no_sql, "saas/x.py", "prefix + ' ORDER BY ' + column"),
    (composes_no_sql, "saas/x.py", "b'SET LOCAL search_path = ' + schema"),
    (composes_no_sql, "saas/x.py", "query = 'SELECT 1'\nquery += condition"),
    (composes_no_sql, "saas/x.py", "query += ' WHERE id = ' + pk"),
    (composes_no_sql, "saas/x.py", "' '.join(['ALTER TABLE', table])"),
    (composes_no_sql, "saas/x.py", "';'.join(f'REVOKE ALL ON {t} FROM app' for t in tables)"),
    (composes_no_sql, "saas/x.py", "string.Template('COPY $t TO STDOUT')"),
    (composes_no_sql, "saas/migrations/0001_x.py", "migrations.RunSQL(f'ALTER TABLE {t} ADD x int')"),
    (only_ddl_composes_identifiers, "tenants/x.py", "from psycopg import sql"),
    (only_ddl_composes_identifiers, "tenants/x.py", "from psycopg.sql import Identifier"),
    (only_ddl_composes_identifiers, "tenants/x.py", "import psycopg.sql"),
    (
        only_ddl_composes_identifiers,
        "tenants/x.py",
        "import psycopg\ndef f():\n    return psycopg.sql.SQL('x')",
    ),
    *((modules_are_named_for_what_they_hold, f"billing/{name}.py", "") for name in sorted(BANNED_NAMES)),
    (modules_are_named_for_what_they_hold, "saas/utils/money.py", ""),
    (modules_are_named_for_what_they_hold, "billing/db/base.py", ""),
    (modules_are_named_for_what_they_hold, "tenants/_helpers.py", ""),
    (packages_stay_empty, "billing/usage/__init__.py", "from billing.usage.record import record"),
    (packages_stay_empty, "billing/usage/__init__.py", '"""Usage."""'),
    (modules_are_short, "saas/x.py", "x = 1\n" * (MODULE_LINES + 1)),
    (functions_are_short, "saas/x.py", LONG_FUNCTION),
    (functions_are_short, "saas/x.py", "class X:\n" + re.sub("^", "    ", LONG_FUNCTION, flags=re.MULTILINE)),
    (functions_are_short, "saas/migrations/0001_x.py", "async " + LONG_FUNCTION),
]
HARMLESS: list[tuple[Rule, str, str]] = [
    (imports_only_downward, "saas/x.py", "from billing import plans\nfrom tenants import context"),
    (imports_only_downward, "billing/x.py", "import tenants.context\nTEXT = 'see saas.settings for more'"),
    (imports_only_downward, "tenants/x.py", "RESERVED = 'admin billing saas'.split()\nimport saasy"),
    (
        tenant_apps_know_no_tenancy,
        "saas/commerce/x.py",
        "from billing import flags\nfrom billing.usage import record",
    ),
    (tenant_apps_know_no_tenancy, "saas/commerce_api.py", "from tenants import context"),
    (composes_no_sql, "saas/x.py", "cursor.execute('SELECT * FROM x WHERE id = %s', [pk])"),
    (composes_no_sql, "saas/x.py", "'SELECT a ' + 'FROM b'"),
    (composes_no_sql, "saas/x.py", "sql.SQL('DROP SCHEMA {}').format(name)"),
    (composes_no_sql, "saas/x.py", "f'A grant is SELECT, INSERT, UPDATE or DELETE, not {verb}.'"),
    (composes_no_sql, "saas/x.py", "f'Select a plan from {list}.'"),
    (composes_no_sql, "saas/x.py", "f'{count} rows' + ', '.join(names)"),
    (only_ddl_composes_identifiers, "tenants/ddl.py", "from psycopg import sql"),
    (only_ddl_composes_identifiers, "tenants/x.py", "from psycopg import errors, pq"),
    (modules_are_named_for_what_they_hold, "tenants/db/base.py", ""),
    (modules_are_named_for_what_they_hold, "tenants/management/commands/database.py", ""),
    (packages_stay_empty, "billing/__init__.py", "\n"),
    (modules_are_short, "saas/x.py", "x = 1\n" * MODULE_LINES),
    (modules_are_short, "saas/migrations/0001_initial.py", "x = 1\n" * (MODULE_LINES + 1)),
    (functions_are_short, "saas/x.py", LONG_FUNCTION.removesuffix("    x = 1\n")),
]


def rule_name(value: object) -> str | None:
    return getattr(value, "__name__", None)


@functools.cache
def modules() -> tuple[Module, ...]:
    paths = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
    return tuple(
        Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths
    )


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_the_tree_keeps_the_rule(rule: Rule) -> None:
    found = [violation for module in modules() for violation in rule(module)]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(("rule", "path", "source"), PLANTED, ids=rule_name)
def test_the_rule_finds_what_was_planted(rule: Rule, path: str, source: str) -> None:
    assert list(rule(Module(path, source)))


@pytest.mark.parametrize(("rule", "path", "source"), HARMLESS, ids=rule_name)
def test_the_rule_leaves_the_harmless_alone(rule: Rule, path: str, source: str) -> None:
    assert not list(rule(Module(path, source)))


def test_every_rule_has_something_planted_and_something_harmless() -> None:
    assert {planted[0] for planted in PLANTED} == set(RULES) == {harmless[0] for harmless in HARMLESS}


def test_the_walk_reaches_every_floor_and_its_migrations() -> None:
    paths = {module.path for module in modules()}
    for floor in FLOORS:
        assert f"{floor}/__init__.py" in paths
    assert {
        "tenants/models/tenant.py",
        "tenants/db/base.py",
        "billing/models.py",
        "saas/settings.py",
    } <= paths
    assert {module.floor for module in modules() if module.is_migration} == set(FLOORS)


@pytest.mark.parametrize(
    ("rule", "exceptions"),
    [
        (modules_are_named_for_what_they_hold, NAMED_ANYWAY),
        (packages_stay_empty, FILLED_ANYWAY),
        (only_ddl_composes_identifiers, COMPOSES_IDENTIFIERS),
        (composes_no_sql, COMPOSES_SQL),
    ],
    ids=rule_name,
)
def test_an_exception_is_needed_as_long_as_it_is_listed(
    rule: Rule, exceptions: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = dict(exceptions)
    with monkeypatch.context() as patch:
        for path in listed:
            patch.delitem(exceptions, path)
        needed = {module.path for module in modules() if list(rule(module))}
    assert set(listed) <= needed
