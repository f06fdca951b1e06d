"""What an audit finds: one violation of a rule, with the object that breaks it and how to repair that."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  # isolation does not hold, or is not proven
    WARNING = "warning"  # known, named and accepted, or a cost and not a hole


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One violation. `rule` is a stable code in kebab-case, `object` names its kind: `table public.billing_plan`."""

    rule: str
    object: str
    problem: str
    repair: str
    severity: Severity = Severity.ERROR
