"""What members may do beyond their built-in role: roles that a tenant defines, and groups."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from tenants import ids
from tenants.models.people import Membership, Role
from tenants.models.tenant import Tenant


class CustomRole(models.Model):
    """A role that a tenant defines: a name and permissions. It adds to a member's built-in role."""

    ON_CLONE = "copy"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="custom_roles")
    name = models.CharField(max_length=100)
    permissions = ArrayField(models.CharField(max_length=100), default=list)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("tenant", Lower("name"), name="tenants_customrole_name"),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_customrole_tenant_id"),
        ]

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """Members who may do the same: what a built-in role (never the owner's) or a custom role includes."""

    ON_CLONE = "copy"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=20, choices=Role, blank=True)
    custom_role = models.ForeignKey(
        CustomRole,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="groups",
        db_constraint=False,
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("tenant", Lower("name"), name="tenants_group_name"),
            models.UniqueConstraint(fields=["tenant", "id"], name="tenants_group_tenant_id"),
            models.CheckConstraint(
                condition=models.Q(role__in=["", Role.ADMIN, Role.EDITOR, Role.VIEWER]),
                name="tenants_group_role",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMembership(models.Model):
    """A member in a group."""

    ON_CLONE = "copy"

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members", db_constraint=False)
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="group_memberships", db_constraint=False
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "membership", "group"], name="tenants_groupmembership_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} in {self.group_id}"
