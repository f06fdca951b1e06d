"""SQL kept as SQL: reads files of named queries; it never composes a statement."""

import functools
import re
from pathlib import Path

HEADER = re.compile(r"^-- (\w+) --$", re.MULTILINE)


@functools.cache
def load(path: Path) -> dict[str, str]:
    """Return the queries of a file by the names in their `-- name --` headers. What stands above the first is dropped.

    A query takes `%(param)s` and is always sent with parameters, so that a literal percent sign is `%%`.
    """
    _, *parts = HEADER.split(path.read_text(encoding="utf-8"))
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{path.name} names a query twice: {sorted(names)}")
    return dict(zip(names, map(str.strip, parts[1::2]), strict=True))
