"""What can go wrong with plans, usage and flags; every docstring is the default message."""

import inspect


class BillingError(Exception):
    """Something about billing went wrong."""

    code = "billing_error"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))


class UnknownPlan(BillingError):
    """There is no such plan."""

    code = "unknown_plan"


class InvalidQuantity(BillingError):
    """A quantity of usage is a whole number above 0."""

    code = "invalid_quantity"


class InvalidEventId(BillingError):
    """An event's id is 1 to 255 characters."""

    code = "invalid_event_id"


class EventConflict(BillingError):
    """An event with this id was recorded before with another meter or quantity."""

    code = "event_conflict"
