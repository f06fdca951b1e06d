"""What operators may do in the console, by their role; the one table, and the verbs that change who is one."""

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.utils import timezone

from tenants import audit_log, context, ids
from tenants.models import LIVE, ImpersonationGrant, Operator, OperatorEntry, OperatorRole, User
from tenants.people import exceptions as errors
from tenants.people import factors

READ = frozenset({"read"})
# Everybody reads; what each role may do besides.
MAY: dict[str, frozenset[str]] = {
    OperatorRole.SUPPORT: READ | {"impersonate", "factors"},
    OperatorRole.BILLING: READ | {"plans", "subscriptions", "flags"},
    OperatorRole.ENGINEER: READ
    | {"backups", "domains", "flags", "suspend", "impersonate", "impersonate.write"},
}
MAY[OperatorRole.ADMIN] = frozenset().union(*MAY.values()) | {"tenants", "operators"}
KNOWN = MAY[OperatorRole.ADMIN]
# What a form of the console needs, by the model that it writes; a model that is missing here is the admins'.
MODELS = {"tenants.backup": "backups", "tenants.domain": "domains", "tenants.operator": "operators"}


class OperatorBackend(BaseBackend):
    """Answers Django's `has_perm` in the console from the operator's role; it signs nobody in."""

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        current = context.current()
        if current is None or current.kind is not context.Kind.OPERATOR or not isinstance(user_obj, User):
            return False  # on a tenant's host nobody is an operator
        return may(user_obj.operator_role, need(perm))

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        current = context.current()
        return current is not None and current.kind is context.Kind.OPERATOR and bool(user_obj.is_staff)


def declare(ability: str, *labels: str) -> None:
    """Say that the forms of these models (`app.model`) need the ability; each floor does so for its own."""
    if ability not in KNOWN:
        raise ValueError(f"{ability!r} is nothing that an operator may do.")
    MODELS.update(dict.fromkeys(labels, ability))


def need(perm: str) -> str:
    """Return what Django's `app.verb_model` asks for: to look at is to read, the rest is the model's."""
    app, _, name = perm.partition(".")
    verb, _, model = name.partition("_")
    return "read" if verb == "view" else MODELS.get(f"{app}.{model}", "tenants")


def may(role: str, ability: str) -> bool:
    """Whether the role includes the ability. Raises ValueError for one that nobody declared."""
    if ability not in KNOWN:
        raise ValueError(
            f"{ability!r} is nothing that an operator may do. Known: {', '.join(sorted(KNOWN))}."
        )
    return ability in MAY.get(role, frozenset())


def require(user: User, ability: str) -> None:
    """Raise OperatorRefused unless the person is an operator whose role includes the ability."""
    if not may(user.operator_role, ability):
        raise errors.OperatorRefused(
            f"The role {user.operator_role or 'of nobody'} does not include {ability}."
        )


def set_role(user: User, role: str, *, by: object) -> None:
    """Give an operator another role. Raises LastAdmin, and ValueError for a role that does not exist."""
    operator = _locked(user.pk)
    before, operator.role = operator.role, OperatorRole(role)
    if before == OperatorRole.ADMIN and operator.role != OperatorRole.ADMIN:
        _leave_an_admin(user.pk)
    operator.save(update_fields=["role"])
    end_impersonations(user)  # the new role may not include them, or not the writing
    record(by, "operator.changed", subject=f"{user.email}: {before} to {role}")


def end(user: User, *, by: object) -> None:
    """Let an operator into the console no more; their sessions there are worth nothing at once. Raises LastAdmin."""
    operator = _locked(user.pk)
    if operator.role == OperatorRole.ADMIN:
        _leave_an_admin(user.pk)
    operator.ended_at = timezone.now()
    operator.save(update_fields=["ended_at"])
    end_impersonations(user)
    record(by, "operator.ended", subject=user.email)


def forget_factor(user: User, *, by: object) -> None:
    """Take the second factor of an operator who lost it: every session ends, and the next sign-in sets up a new one."""
    _locked(user.pk)
    factors.forget(user)
    user.session_epoch = ids.new_epoch()
    user.save(update_fields=["session_epoch"])
    record(by, "factor.forgotten", subject=user.email)


def end_impersonations(user: User) -> int:
    """End what somebody does under other people's names. Returns how many."""
    return ImpersonationGrant.objects.filter(LIVE, operator=user).update(ended_at=timezone.now())


def record(by: object, action: str, *, subject: object = "", tenant_ids: tuple[UUID, ...] = ()) -> None:
    """Add to what operators did. `by` is a User, or what somebody typed or runs. Runs in `context.operator()`."""
    OperatorEntry.objects.bulk_create(
        [
            OperatorEntry(
                operator_id=getattr(by, "pk", None),
                operator=str(by)[:254],
                action=action,
                subject=str(subject)[:200],
                tenant_ids=list(tenant_ids),
                source=audit_log.source.get()[:200],
            )
        ]
    )


def _locked(user_id: UUID) -> Operator:
    """Lock every admin first, in one order, so that two of them cannot end each other at once."""
    admins = Operator.objects.select_for_update().filter(LIVE, role=OperatorRole.ADMIN)
    list(admins.order_by("pk"))
    found = Operator.objects.select_for_update().filter(LIVE, pk=user_id).first()
    if found is None:
        raise errors.NoOperator()
    return found


def _leave_an_admin(user_id: UUID) -> None:
    others = Operator.objects.filter(LIVE, role=OperatorRole.ADMIN, user__deactivated_at=None)
    if not others.exclude(pk=user_id).exists():
        raise errors.LastAdmin()
