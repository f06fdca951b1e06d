"""Which statements may run inside a context, judged by their first word."""

import re

# A carriage return ends a comment as well: otherwise the server would read a statement that we skipped.
SKIPPED = re.compile(rb"(?:\s+|--[^\n\r]*(?:[\n\r]|\Z)|\()+")
COMMENT_EDGE = re.compile(rb"/\*|\*/")
WORD = re.compile(rb"[A-Za-z]+")
ALLOWED = frozenset(
    b"SELECT INSERT UPDATE DELETE MERGE WITH VALUES COPY FETCH CLOSE SAVEPOINT RELEASE".split()
)
CONTROL = frozenset(b"SAVEPOINT RELEASE".split())
# A cursor WITH HOLD would outlive the transaction, and the next tenant on the connection could read it.
DECLARE = re.compile(
    rb"DECLARE\s+(?:\w+|\"[^\"]+\")(?:\s+(?:NO\s+)?SCROLL)?\s+CURSOR(?:\s+WITHOUT\s+HOLD)?\s+FOR\s",
    re.IGNORECASE,
)
ROLLBACK_TO = re.compile(rb"ROLLBACK\s+TO\s", re.IGNORECASE)
# To the end: `SET CONSTRAINTS.x = 1` sets a variable of the session, which the next tenant could read.
SET_CONSTRAINTS = re.compile(
    rb"SET\s+CONSTRAINTS\s+(?:ALL|[\w\"][\w\".,\s]*)\s(?:DEFERRED|IMMEDIATE)\s*;?\s*\Z", re.IGNORECASE
)
TRANSACTION = re.compile(rb"BEGIN(?: [A-Z ]+)?|COMMIT|ROLLBACK")
TIDYING = re.compile(rb"DEALLOCATE (?:ALL|_pg3_[0-9]+)")


def allowed(statement: bytes) -> bool:
    """Whether statement may run inside a context; a bare ROLLBACK may not, since it would drop the role."""
    if statement.startswith(b"SELECT "):
        return True  # what nearly all of them are, and no comment can stand before it
    start = skip(statement)
    word = WORD.match(statement, start)
    if word is None:
        return False
    if word.group().upper() == b"DECLARE":
        return DECLARE.match(statement, start) is not None
    return word.group().upper() in ALLOWED or _ends_part(statement, start)


def controls_transaction(statement: bytes) -> bool:
    """Whether statement touches no data: savepoints and constraint modes, which Django sends on its own."""
    start = skip(statement)
    word = WORD.match(statement, start)
    return word is not None and (word.group().upper() in CONTROL or _ends_part(statement, start))


def is_transaction(command: bytes) -> bool:
    """Whether command, which the driver wrote, begins or ends a transaction; COMMIT PREPARED does neither here."""
    return TRANSACTION.fullmatch(command) is not None


def tidies(command: bytes) -> bool:
    """Whether command, which the driver wrote, forgets the driver's prepared statements."""
    return TIDYING.fullmatch(command) is not None


def skip(statement: bytes) -> int:
    """Return where the first word starts: after spaces, opening parentheses and (nested) comments."""
    position = 0
    while True:
        if match := SKIPPED.match(statement, position):
            position = match.end()
        elif statement.startswith(b"/*", position):
            position = _end_of_comment(statement, position)
        else:
            return position


def _end_of_comment(statement: bytes, position: int) -> int:
    depth = 0
    for edge in COMMENT_EDGE.finditer(statement, position):
        depth += 1 if edge.group() == b"/*" else -1
        if depth == 0:
            return edge.end()
    return len(statement)


def _ends_part(statement: bytes, start: int) -> bool:
    return bool(ROLLBACK_TO.match(statement, start) or SET_CONSTRAINTS.match(statement, start))
