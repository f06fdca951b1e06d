"""The one door for mails: until mails are sent, it only writes down that one was asked for."""

import logging
from typing import Any

from tenants.signing import HasEpoch

log = logging.getLogger(__name__)


def send(purpose: str, to: str, values: dict[str, Any], *, tenant: HasEpoch | None = None) -> None:  # noqa: ARG001
    log.info("mail %s: %d values", purpose, len(values))
