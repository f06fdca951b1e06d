"""What follows what in the life of an order; pure. The trigger `commerce_guard_order` says the same to everybody."""

from collections.abc import Mapping

from saas.commerce import refusals

Steps = Mapping[str, frozenset[str]]

NEXT: Steps = {
    "pending": frozenset({"confirmed", "cancelled"}),
    "confirmed": frozenset({"processing", "cancelled"}),
    "processing": frozenset({"shipped", "cancelled"}),
    "shipped": frozenset({"delivered", "returned"}),
    "delivered": frozenset({"returned"}),
    "cancelled": frozenset(),
    "returned": frozenset(),
}
NEXT_PAYMENT: Steps = {
    "unpaid": frozenset({"authorized", "paid", "failed"}),
    "failed": frozenset({"authorized", "paid"}),
    "authorized": frozenset({"paid", "failed", "unpaid"}),
    "paid": frozenset({"partially_refunded", "refunded"}),
    "partially_refunded": frozenset({"refunded"}),
    "refunded": frozenset(),
}


def require(steps: Steps, before: str, after: str) -> None:
    """Raise IllegalTransition unless after may follow before; the same again is no step."""
    if after not in steps[before]:
        follow = ", ".join(sorted(steps[before])) or "nothing"
        raise refusals.IllegalTransition(
            f"An order that is {before} cannot become {after}; {follow} can follow. Read the order again."
        )
