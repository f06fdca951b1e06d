"""Canaries: the random string that every row of a tenant holds, and the search for them in whatever comes back."""

import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

LENGTH = 32
FORM = re.compile(rf"canary-[0-9a-f]{{{LENGTH}}}")
FORM_BYTES = re.compile(FORM.pattern.encode("ascii"))


def new() -> str:
    return f"canary-{secrets.token_hex(LENGTH // 2)}"


def within(data: Any) -> set[str]:
    """Return every canary in data: bytes and text as they are, collections by their parts, the rest by its repr."""
    if isinstance(data, str):
        return set(FORM.findall(data))
    if isinstance(data, bytes | bytearray | memoryview):
        return {found.decode("ascii") for found in FORM_BYTES.findall(data)}
    if isinstance(data, Mapping):
        return within(data.keys()) | within(data.values())
    if isinstance(data, BaseException):
        return within_error(data)
    if isinstance(data, Iterable):
        return set().union(*map(within, data))
    return set(FORM.findall(repr(data)))


def within_error(error: BaseException) -> set[str]:
    """Return every canary that an error tells, also in what the server said beside its message."""
    diagnosis = getattr(error, "diag", None)
    texts = [str(error), repr(error), *map(str, getattr(error, "__notes__", ()))]
    texts += [str(getattr(diagnosis, name, "")) for name in ("message_detail", "message_hint", "context")]
    found = set(FORM.findall("\n".join(texts)))
    if error.__cause__ is not None:
        found |= within_error(error.__cause__)
    return found
