"""How log lines look; each names the tenant of the context that it was written in, and the request it is about."""

import re
from typing import Any

import structlog
from django.core.signals import request_finished, request_started
from django.dispatch import receiver
from structlog.typing import EventDict

from tenants import context, requests

# A line end in a value would be a second line, made up by whoever sent the value; an escape sequence acts on terminals.
# LogfmtRenderer escapes line feeds itself, and nothing else.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def add_tenant(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Add the current context to a log line."""
    current = context.current()
    if current is not None:
        event["context"] = str(current.kind)
        if current.tenant_id is not None:
            event["tenant"] = current.tenant_id.hex
    return event


def add_request(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Add the request that this line is about: its id, method, path, and the person if they are known already."""
    request = requests.current.get()
    if request is not None:
        event["request_id"] = request.id  # type: ignore[attr-defined]
        event["method"], event["path"] = request.method, request.path
        # Not request.user, which may ask the database.
        user = request.__dict__.get("_cached_user")
        if user is not None:
            event["user"] = str(user.pk)
    return event


def escape(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Write control characters as escapes, so that one event stays one line."""
    for key, value in event.items():
        if not isinstance(value, bool | int | float | None):
            event[key] = UNSAFE.sub(_escaped, str(value))
    return event


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


@receiver([request_started, request_finished])
def forget(**_: Any) -> None:
    """Drop what code has bound to log lines of a request, before the thread works for another tenant."""
    structlog.contextvars.clear_contextvars()


class Formatter(structlog.stdlib.ProcessorFormatter):
    """Key-value lines for standard logging records, structlog's and others' alike."""

    def __init__(self) -> None:
        super().__init__(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.contextvars.merge_contextvars,
                add_tenant,
                add_request,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                escape,
                structlog.processors.LogfmtRenderer(
                    key_order=["timestamp", "level", "logger", "event", "tenant"], drop_missing=True
                ),
            ],
        )
