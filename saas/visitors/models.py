"""The rows of those who come to a tenant's own site. The same address in two tenants is two people."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from saas.visitors import ids

EMAIL_LENGTH = 254
HASH_LENGTH = 128
# Understood alike by Python and PostgreSQL: one @ between two parts without spaces.
EMAIL = r"^[^@\s]+@[^@\s]+$"


class Visitor(models.Model):
    """Somebody with a cart, an order or a profile here: a guest until they have an address and a password.

    A customer of the shop and a profile of the community are this row's own rows, under the same id.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    email = models.CharField(max_length=EMAIL_LENGTH, null=True, blank=True)
    password = models.CharField(max_length=HASH_LENGTH, blank=True, default="", editable=False)
    # What each token names; a new one ends them all.
    epoch = models.UUIDField(default=ids.new, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="visitors_visitor_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=True) | Q(email__regex=EMAIL), name="visitors_visitor_email_format"
            ),
            models.CheckConstraint(
                condition=Q(password="") | Q(email__isnull=False),
                name="visitors_visitor_password_needs_email",
            ),
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True) | Q(email__isnull=False),
                name="visitors_visitor_verified_needs_email",
            ),
            models.UniqueConstraint(Lower("email"), name="visitors_visitor_email_unique"),
        ]

    def __str__(self) -> str:
        return self.email or f"guest {self.id}"

    @property
    def is_guest(self) -> bool:
        """Whether they have not signed up."""
        return not self.password
