"""An operator takes the lost second factors of a person away: with a reason, and never silently.

In two steps, as no role may do both: the console's login knows who is an operator and writes what operators do, and
`identity` alone touches what proves who somebody is. The first step is kept before the second begins.
"""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.utils import timezone

from tenants import audit_log, ids, links, mail
from tenants.models import LIVE, Membership, User
from tenants.models.operators import REASON_LENGTH
from tenants.people import devices, factors, operators
from tenants.people import exceptions as errors
from tenants.people.impersonation import Operator

REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class Granted:
    """What an operator may do to one person, and why."""

    operator: Operator
    person: User
    reason: str


def grant(operator: User, person: User, *, reason: str) -> Granted:
    """Let an operator reset the factors of a person, and record it. Runs in `context.operator()`.

    Of somebody who is an operator, oneself as well, only admins: else two colleagues could let each other in. Raises
    OperatorRefused, FactorResetRefused.
    """
    reason = " ".join(reason.split())
    if not REASON_LENGTH <= len(reason) <= REASON_MAX:
        raise errors.FactorResetRefused(
            f"Give a reason of {REASON_LENGTH} to {REASON_MAX} characters: the person's tenants read it."
        )
    operators.require(operator, "factors")
    if person.operator_role:
        operators.require(operator, "operators")
    found = Membership.objects.filter(LIVE, user=person).values_list("tenant_id", flat=True)
    subject = f"{person.email}: {reason}"
    operators.record(operator, "factors.reset_granted", subject=subject, tenant_ids=tuple(found))
    return Granted(Operator(operator.pk, operator.email), person, reason)


def perform(granted: Granted) -> list[str]:
    """Delete the factors, end every session, tell the person and their tenants. Runs in `context.identity()`.

    Returns the kinds that were deleted. The password stays and is asked for. Raises FactorResetRefused.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=granted.person.pk)
    removed = sorted(set(Authenticator.objects.filter(user=user).values_list("type", flat=True)))
    if not removed:
        raise errors.FactorResetRefused("The person has no second factor: a password lets them in.")
    factors.forget(user)
    user.session_epoch = ids.new_epoch()
    user.save(update_fields=["session_epoch"])
    devices.forget(user)
    after = {"reason": granted.reason, "removed": removed}
    for tenant_id in Membership.objects.filter(LIVE, user=user).values_list("tenant_id", flat=True):
        audit_log.record(tenant_id, "factors.reset", by=granted.operator, subject=user.email, after=after)
    change = "An operator removed your second factors and recovery codes, and signed you out everywhere."
    values = {"change": change, "at": timezone.now(), "link": links.apex("/")}
    mail.send("mfa_changed", user.email, values)
    return removed
