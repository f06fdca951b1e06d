"""Which statements may run inside a context, judged by their first word."""

import re

# A carriage return ends a comment as well: otherwise the server would read a statement that we skipped.
SKIPPED = re.compile(rb"(?:\s+|--[^\n\r]*(?:[\n\r]|\Z)|\()+")
COMMENT_EDGE = re.compile(rb"/\*|\*/")
WORD = re.compile(rb"[A-Za-z]+")
WORDS = re.compile(rb"\s*([A-Za-z]+)\s+([A-Za-z]+)")
ALLOWED = frozenset(
    b"SELECT INSERT UPDATE DELETE MERGE WITH VALUES COPY FETCH CLOSE SAVEPOINT RELEASE".split()
)
CONTROL = frozenset(b"SAVEPOINT RELEASE".split())
# A cursor WITH HOLD would outlive the transaction, and the next tenant on the connection could read it.
DECLARE = re.compile(
    rb"DECLARE\s+(?:\w+|\"[^\"]+\")(?:\s+(?:NO\s+)?SCROLL)?\s+CURSOR(?:\s+WITHOUT\s+HOLD)?\s+FOR\s",
    re.IGNORECASE,
)
PAIRS = frozenset({(b"ROLLBACK", b"TO"), (b"SET", b"CONSTRAINTS")})


def allowed(statement: bytes) -> bool:
    """Whether statement may run inside a context; a bare ROLLBACK may not, since it would drop the role."""
    start = skip(statement)
    word = WORD.match(statement, start)
    if word is None:
        return False
    if word.group().upper() == b"DECLARE":
        return DECLARE.match(statement, start) is not None
    return word.group().upper() in ALLOWED or _is_pair(statement, start)


def controls_transaction(statement: bytes) -> bool:
    """Whether statement touches no data: savepoints and constraint modes, which Django sends on its own."""
    start = skip(statement)
    word = WORD.match(statement, start)
    return word is not None and (word.group().upper() in CONTROL or _is_pair(statement, start))


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


def _is_pair(statement: bytes, start: int) -> bool:
    words = WORDS.match(statement, start)
    return words is not None and (words[1].upper(), words[2].upper()) in PAIRS
