"""The one door for mails. A stand-in: it sends nothing."""

from typing import Any

from tenants.signing import HasEpoch


def send(purpose: str, to: str, values: dict[str, Any], *, tenant: HasEpoch | None = None) -> None:
    """Have a mail sent once the current transaction is kept."""
