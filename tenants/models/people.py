"""People, what authenticates them, and what they are in a tenant or to the product."""

from collections.abc import Iterable
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib import auth
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, is_password_usable, make_password
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from tenants import ids
from tenants.models.tenant import LIVE, Tenant


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, *, name: str = "", password: str | None = None, verified: bool = False
    ) -> "User":
        """Add a person. Without a password nobody can sign in as them until one is set.

        verified: that the address is theirs was proven, by a link that was mailed or by who vouches for it.
        """
        user = self.create(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.select_related("credential").get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who works in tenants. It holds no secret: tenants may join it for people who are their members."""

    password = None  # type: ignore[assignment]
    last_login = None
    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    session_epoch = models.CharField(max_length=32, default=ids.new_epoch, editable=False)
    # In which tenant and epoch this person acts (`signing.scope`), as their membership says; operators act in none.
    session_scope = ""
    # What they may do in the tenant that this instance was read for, as their membership says; None: for no tenant.
    held: frozenset[str] | None = None
    # Set on the stand-in for a service account, which has no row here (`memberships.by_key`): what the record names.
    service_account = ""

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="tenants_user_email")]

    def __str__(self) -> str:
        return f"service account {self.service_account}" if self.service_account else self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.service_account:
            raise TypeError(f"{self} is no person and has no row to save.")
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        return self.name or self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.deactivated_at is None

    @cached_property
    def is_staff(self) -> bool:
        """Whether the console lets the person in, as of the first question to this instance (one per request).

        Only the console's login and the owner can read operators. On a tenant's host nobody is one.
        """
        if self.held is not None:
            return False
        return bool(self.operator_role)

    @cached_property
    def operator_role(self) -> str:
        """What this person is to the console as of the first question to this instance, or "" for nobody."""
        return Operator.objects.filter(LIVE, user=self).values_list("role", flat=True).first() or ""

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether a backend grants it: by the membership of the tenant whose host this is, or to an operator."""
        return self.is_active and any(
            backend.has_perm(self, perm, obj)
            for backend in auth.get_backends()
            if hasattr(backend, "has_perm")
        )

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and any(
            backend.has_module_perms(self, app_label)
            for backend in auth.get_backends()
            if hasattr(backend, "has_module_perms")
        )

    def set_password(self, raw_password: str | None) -> None:
        """Replace the password at once (this person must be saved) and end every session that used the old one."""
        Credential.objects.update_or_create(
            user=self, defaults={"password_hash": make_password(raw_password), "set_at": timezone.now()}
        )
        self.session_epoch = ids.new_epoch()
        self.save(update_fields=["session_epoch"])

    def check_password(self, raw_password: str) -> bool:
        """Compare with the stored hash; an outdated hash is renewed without ending sessions."""
        credential = Credential.objects.filter(user=self).first()
        if credential is None:
            make_password(raw_password)  # takes as long as a comparison would
            return False

        def renew(raw: str) -> None:
            credential.password_hash = make_password(raw)
            credential.save(update_fields=["password_hash"])

        return check_password(raw_password, credential.password_hash, renew)

    def has_usable_password(self) -> bool:
        credential = Credential.objects.filter(user=self).first()
        return credential is not None and is_password_usable(credential.password_hash)

    def get_session_auth_hash(self) -> str:
        """Return what a session must hold to be this person's; of a member, in this tenant and epoch only."""
        return self._session_hash(secret=None)

    def get_session_auth_fallback_hash(self) -> Any:
        return iter(())

    def _session_hash(self, secret: str | None) -> str:
        return salted_hmac(
            "tenants.User.session",
            f"{self.pk}:{self.session_epoch}:{self.session_scope}",
            secret,
            algorithm="sha256",
        ).hexdigest()


class Credential(models.Model):
    """What authenticates a person. No tenant role can read it."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="credential")
    password_hash = models.CharField(max_length=200)
    set_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"credential of {self.user_id}"


class Role(models.TextChoices):
    """What a member may do; what each role includes, the apps declare in their `permissions.py`."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


class Membership(models.Model):
    """A person in a tenant, with a role. It ends by a date and is never deleted."""

    ON_CLONE = "copy"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    custom_role = models.ForeignKey(
        "CustomRole",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="memberships",
        db_constraint=False,
    )
    # What custom role and groups add: permissions, and `role:admin` for all of a built-in role. `memberships.refresh`
    # computes it, so that a request need not.
    added = ArrayField(models.CharField(max_length=100), default=list, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "user"], condition=LIVE, name="tenants_membership_once"
            ),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_membership_tenant_id"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="tenants_membership_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} as {self.role}"


class OperatorRole(models.TextChoices):
    """What an operator may do in the console; what each role means stands in `people.operators.MAY`."""

    SUPPORT = "support"
    BILLING = "billing"
    ENGINEER = "engineer"
    ADMIN = "admin"


class Operator(models.Model):
    """A person who runs the product; only the console's login and the owner can read this."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="operator")
    role = models.CharField(max_length=20, choices=OperatorRole, default=OperatorRole.SUPPORT)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(role__in=OperatorRole.values), name="tenants_operator_role"
            )
        ]

    def __str__(self) -> str:
        return f"operator {self.user_id}"
