"""People, their memberships and their keys. Tenants are not made here: `lifecycle.create` makes them, or the template."""

import time
from typing import Any

import factory
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.utils import timezone

from billing.models import Plan, Subscription
from tenants import context, ids
from tenants.directory import Entry
from tenants.models import Membership, Role, User
from tenants.people import factors, keys, memberships


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A person, written by the role `identity`. They cannot sign in unless a password is given."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Faker("name")
    password: str | None = None

    @classmethod
    def _create(cls, model_class: type[User], *_args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(**kwargs)


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    """A person in a tenant (`tenant_id=`), written by the role `identity`."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Role.EDITOR


def member(tenant: context.HasId, role: str = Role.EDITOR, **user: Any) -> User:
    """Return a new person who is a member of the tenant. Enters `context.identity()` itself."""
    with context.identity():
        person = UserFactory(**user)
        MembershipFactory(tenant_id=tenant.id, user=person, role=role)
    return person


def api_key(tenant: Entry, role: str = Role.EDITOR, **user: Any) -> str:
    """Return the secret of a new key of a new member."""
    person = member(tenant, role, **user)
    with context.identity():
        found = memberships.by_user(person.pk, tenant)
        assert found is not None
        return keys.create(found, tenant, name="test").secret


def app(user: User) -> str:
    """Give the person an authenticator app; return its secret."""
    secret = factors.new_secret()
    with context.identity():
        Authenticator.objects.create(user=user, type=factors.TOTP, data={"secret": factors.encrypt(secret)})
        RecoveryCodes.activate(user)
    return secret


def plan(tenant: context.HasId, **limits: Any) -> Plan:
    """Put the tenant on a plan of its own with these limits, in place of the one it is on. As the operator."""
    code = f"plan-{ids.new().hex}"
    with context.operator():
        made = Plan.objects.create(code=code, name="Tests", price=1_00, **limits)
        Subscription.objects.filter(tenant_id=tenant.id, ended_at=None).update(plan=made)
    return made


def end_membership(tenant: context.HasId, user: User) -> None:
    """End the person's membership. Runs in `context.identity()`."""
    Membership.objects.filter(tenant_id=tenant.id, user=user).update(ended_at=timezone.now())


def code(secret: str, *, later: int = 0) -> str:
    """Return what an authenticator app shows now, or some steps of 30 seconds later."""
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + later)))
