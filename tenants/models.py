"""Rows in `public` that say who a tenant is and who works in it. Nothing here runs DDL or leaves its row."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, is_password_usable, make_password
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from tenants import ids, names
from tenants.db import skeleton

LIVE = models.Q(ended_at__isnull=True)
HOSTNAME_FORM = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$"


class Role(models.TextChoices):
    """What a member may do; what each role means stands in `people.memberships.PERMISSIONS`."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


class Tenant(models.Model):
    """A customer. Its schema and its database role are named after its id, so renaming it moves no data."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    slug = models.CharField(max_length=41)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=500, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)
    script_digest = models.CharField(max_length=64, help_text="Which schema script built the schema.")
    epoch = models.CharField(max_length=32, default=ids.new_epoch, help_text="Salts what this tenant signs.")
    strict_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when its role logs in by itself, with its present password."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("slug"), condition=models.Q(destroyed_at__isnull=True), name="tenants_tenant_slug"
            ),
            models.CheckConstraint(
                condition=models.Q(slug__regex=r"^[a-z][a-z0-9-]{1,40}$"), name="tenants_tenant_slug_form"
            ),
        ]
        indexes: ClassVar = [
            models.Index(skeleton.of("slug"), name="tenants_tenant_looks"),
            models.Index(
                fields=["strict_since"],
                condition=models.Q(strict_since__isnull=False),
                name="tenants_tenant_strict",
            ),
        ]
        ordering: ClassVar = ["slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def schema_name(self) -> str:
        return names.schema_of(self.id)

    @property
    def state(self) -> str:
        """Return active, suspended, archived or destroyed."""
        if self.destroyed_at:
            return "destroyed"
        if self.archived_at:
            return "archived"
        return "suspended" if self.suspended_at else "active"


class Domain(models.Model):
    """A host name on which a tenant answers, lower-case ASCII and without a port."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="domains")
    hostname = models.CharField(max_length=253, unique=True)
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(is_primary=True), name="tenants_domain_one_primary"
            ),
            models.CheckConstraint(
                condition=models.Q(hostname=Lower("hostname")), name="tenants_domain_lower_case"
            ),
            # Two labels or more, each as DNS writes it: what `names.check_hostname` returns, whoever inserts it.
            models.CheckConstraint(
                condition=models.Q(hostname__regex=HOSTNAME_FORM), name="tenants_domain_form"
            ),
        ]
        indexes: ClassVar = [models.Index(skeleton.of("hostname"), name="tenants_domain_looks")]

    def __str__(self) -> str:
        return self.hostname


class DirectoryVersion(models.Model):
    """One row that a trigger counts up when a tenant or a domain changes; processes drop their cached hosts then."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="tenants_directoryversion_one")
        ]

    def __str__(self) -> str:
        return str(self.version)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, *, name: str = "", password: str | None = None) -> "User":
        """Add a person. Without a password nobody can sign in as them until one is set."""
        user = self.create(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
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

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="tenants_user_email")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.deactivated_at is None

    @cached_property
    def is_staff(self) -> bool:
        """Whether the console lets the person in, as of the first question to this instance (one per request).

        Only the console's login and the owner can read operators.
        """
        return Operator.objects.filter(LIVE, user=self).exists()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.has_perm(app_label)

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


class Membership(models.Model):
    """A person in a tenant, with a role. It ends by a date and is never deleted."""

    ON_CLONE = "copy"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
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


class Operator(models.Model):
    """A person who runs the product; only the console's login and the owner can read this."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="operator")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"operator {self.user_id}"


class Session(AbstractBaseSession):
    """A signed-in browser on the host of one tenant; readable by the role `identity` alone."""

    ON_CLONE = None

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    user_id: UUID | None = models.UUIDField(null=True, db_index=True)  # type: ignore[assignment]
    created_at = models.DateTimeField(default=timezone.now)


class OperatorSession(AbstractBaseSession):
    """A signed-in browser on the console; no login of a tenant-facing process can read it."""


class ApiKey(models.Model):
    """A key with which a program acts as a member. The secret itself is shown once; its digest is ApiKeyDigest."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="api_keys")
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="api_keys", db_constraint=False
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]
    revoked_at: datetime | None = models.DateTimeField(null=True, blank=True)  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_apikey_tenant_id"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class ApiKeyDigest(models.Model):
    """SHA-256 of a key's secret (256 random bits, so no slow hash is needed); readable by `identity` alone."""

    ON_CLONE = None

    key = models.OneToOneField(ApiKey, primary_key=True, on_delete=models.CASCADE, related_name="digest")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="tenants_apikeydigest_digest")
        ]

    def __str__(self) -> str:
        return f"digest of {self.key_id}"


class AuditEntry(models.Model):
    """Who changed what, in the same transaction as the change. Rows are added, never changed."""

    ON_CLONE = "skip"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="audit_entries")
    at = models.DateTimeField(default=timezone.now)
    actor_id: UUID | None = models.UUIDField(null=True)  # type: ignore[assignment]
    actor = models.CharField(max_length=254, help_text="The actor's address then, or the command or task.")
    action = models.CharField(max_length=100)
    subject = models.CharField(max_length=200, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    source = models.CharField(max_length=200, blank=True, help_text="Request, command or task it came from.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-at"], name="tenants_auditentry_recent"),
            models.Index(fields=["-at"], name="tenants_auditentry_at"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"


class Backup(models.Model):
    """A backup asked for, running, done or failed; a worker finds those asked for here and not in the broker."""

    ON_CLONE = None

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="backups")
    requested_at = models.DateTimeField(default=timezone.now)
    requested_by = models.CharField(max_length=254)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    rows: int | None = models.BigIntegerField(null=True, blank=True)  # type: ignore[assignment]
    bytes: int | None = models.BigIntegerField(null=True, blank=True)  # type: ignore[assignment]
    manifest_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-requested_at"], name="tenants_backup_recent"),
            models.Index(
                fields=["requested_at"],
                condition=models.Q(finished_at__isnull=True, failed_at__isnull=True),
                name="tenants_backup_open",
            ),
        ]

    def __str__(self) -> str:
        return f"backup {self.id}"

    @property
    def state(self) -> str:
        """Return requested, running, finished or failed."""
        if self.failed_at:
            return "failed"
        if self.finished_at:
            return "finished"
        return "running" if self.started_at else "requested"
