"""How log lines look; each names the tenant of the context that it was written in."""

from typing import Any

import structlog
from structlog.typing import EventDict

from tenants import context


def add_tenant(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Add the current context to a log line."""
    current = context.current()
    if current is not None:
        event["context"] = str(current.kind)
        if current.tenant_id is not None:
            event["tenant"] = current.tenant_id.hex
    return event


class Formatter(structlog.stdlib.ProcessorFormatter):
    """Key-value lines for standard logging records, structlog's and others' alike."""

    def __init__(self) -> None:
        super().__init__(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso"),
                add_tenant,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.LogfmtRenderer(
                    key_order=["timestamp", "level", "logger", "event", "tenant"]
                ),
            ],
        )
