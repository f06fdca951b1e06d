"""A provider that moves no money and uses no network: for tests, demos and whoever writes the next one.

It keeps its books in memory, as a real one keeps them elsewhere: by key, and by payment what is held, taken and given
back. The source says how it behaves: "declined" is refused, "unreachable" never arrives, "lost" is done while the
answer is lost on the way; any other succeeds.
"""

import threading
from dataclasses import dataclass, replace

from saas.commerce.payments.interface import Outcome, Request, Unreachable

DECLINED = "declined"
UNREACHABLE = "unreachable"
LOST = "lost"


@dataclass(frozen=True, slots=True)
class Account:
    """What the provider holds, took and gave back for one payment, in minor units."""

    held: int = 0
    taken: int = 0
    given_back: int = 0


class FakeProvider:
    """Idempotent by key, as a real one has to be."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[Request, Outcome]] = {}
        self._accounts: dict[str, Account] = {}

    def ask(self, request: Request) -> Outcome:
        if request.source == UNREACHABLE:
            raise Unreachable
        with self._lock:
            known = self._answers.get(request.key)
            if known is None:
                known = (request, self._book(request))
                self._answers[request.key] = known
                if request.source == LOST:
                    raise Unreachable
        return known[1] if same(known[0], request) else Outcome(succeeded=False, reason="key_reused")

    def find(self, key: str) -> Outcome | None:
        with self._lock:
            known = self._answers.get(key)
        return known and known[1]

    def account(self, reference: str) -> Account:
        """Return the books of one payment."""
        with self._lock:
            return self._accounts.get(reference, Account())

    def _book(self, request: Request) -> Outcome:
        if request.source == DECLINED:
            return Outcome(succeeded=False, reason="declined")
        reference = request.reference or f"fake_{request.key}"
        books = self._accounts.get(reference, Account())
        left = books.taken - books.given_back
        match request.kind:
            case "authorize":
                books = replace(books, held=request.amount)
            case "capture" if request.amount <= books.held:
                books = replace(books, held=books.held - request.amount, taken=books.taken + request.amount)
            case "release" if books.held:
                books = replace(books, held=0)
            case "refund" if request.amount <= left:
                books = replace(books, given_back=books.given_back + request.amount)
            case _:
                return Outcome(succeeded=False, reason="too_much")
        self._accounts[reference] = books
        return Outcome(succeeded=True, reference=reference)


def same(first: Request, again: Request) -> bool:
    return (first.kind, first.amount, first.currency) == (again.kind, again.amount, again.currency)
