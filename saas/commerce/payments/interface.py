"""What a payment provider is to the shop; pure. One that is added implements `Provider` and is registered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Request:
    """What a provider is asked, a copy of a committed row. `source` is what is charged, such as a card's token."""

    step_id: UUID
    provider: str
    kind: str  # authorize, capture, release, refund
    key: str
    amount: int  # minor units
    currency: str
    requested_at: datetime
    source: str = ""
    reference: str = ""  # the provider's own name of the payment, known after the authorization


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a provider answered: done under a reference, or refused for a reason."""

    succeeded: bool
    reference: str = ""
    reason: str = ""


class Unreachable(Exception):
    """The provider did not answer. What it did is unknown; the request stays open until it says so."""


class Provider(Protocol):
    """A payment provider. The same key again is the same request: it answers as before and moves no money."""

    def ask(self, request: Request) -> Outcome:
        """Do what request says and return what came of it. Raises Unreachable."""
        ...

    def find(self, key: str) -> Outcome | None:
        """Return what came of the request under key, None if none ever arrived. Raises Unreachable."""
        ...
