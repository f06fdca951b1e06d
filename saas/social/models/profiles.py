"""The rows of those who take part. Who they are is a visitor's row; what the community sees of them stands here."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Lower
from django.utils import timezone

from saas.social import values
from saas.visitors.models import Visitor


class Privacy(models.TextChoices):
    PUBLIC = "public", "Public"
    PRIVATE = "private", "Private: posts are for followers, whom the profile accepts"


class Profile(models.Model):
    """A visitor who takes part: the same id, one row for one. The counters are kept by triggers (`counters.py`)."""

    visitor = models.OneToOneField(
        Visitor, on_delete=models.PROTECT, primary_key=True, related_name="profile"
    )
    handle = models.CharField(max_length=values.HANDLE_LENGTH)
    name = models.CharField("display name", max_length=values.NAME_LENGTH)
    bio = models.CharField(max_length=values.BIO_LENGTH, blank=True, default="")
    privacy = models.CharField(max_length=7, choices=Privacy.choices, default=Privacy.PUBLIC)
    followers = models.BigIntegerField(default=0, editable=False)
    following = models.BigIntegerField(default=0, editable=False)
    posts = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["handle"]
        constraints = [
            models.CheckConstraint(
                condition=Q(handle__regex=values.HANDLE), name="social_profile_handle_format"
            ),
            models.CheckConstraint(
                condition=Q(name__regex=values.NOT_BLANK), name="social_profile_name_not_blank"
            ),
            models.CheckConstraint(
                condition=Q(privacy__regex=values.one_of(Privacy.values)), name="social_profile_privacy_known"
            ),
            models.CheckConstraint(
                condition=Q(followers__gte=0, following__gte=0, posts__gte=0),
                name="social_profile_counters_not_negative",
            ),
            # In the order of bytes, so that the same index finds a beginning of a handle.
            models.UniqueConstraint(Collate(Lower("handle"), "C"), name="social_profile_handle_unique"),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def is_private(self) -> bool:
        return self.privacy == Privacy.PRIVATE
