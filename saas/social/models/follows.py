"""The rows of who follows whom, and of who wants to have nothing to do with whom."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from saas.social import ids
from saas.social.models.profiles import Profile


class Follow(models.Model):
    """One follows another; a request until the other one, whose profile is private, accepts.

    The trigger `social_follow_not_blocked` refuses it where one of the two has blocked the other.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    follower = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_index=False)
    followee = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_index=False)
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [
            # Whom one follows: their list, and the feed, which reads nothing but this index.
            models.Index(
                fields=["follower", "-accepted_at", "-id"],
                include=["followee"],
                condition=Q(accepted_at__isnull=False),
                name="social_follow_following",
            ),
            models.Index(
                fields=["followee", "-accepted_at", "-id"],
                condition=Q(accepted_at__isnull=False),
                name="social_follow_followers",
            ),
            models.Index(
                fields=["followee", "-requested_at", "-id"],
                condition=Q(accepted_at__isnull=True),
                name="social_follow_requests",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(follower=F("followee")), name="social_follow_not_oneself"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(accepted_at__gte=F("requested_at")),
                name="social_follow_accepted_after_request",
            ),
            models.UniqueConstraint(fields=["follower", "followee"], name="social_follow_unique"),
        ]

    def __str__(self) -> str:
        return f"follow of {self.requested_at:%Y-%m-%d %H:%M}"


class Block(models.Model):
    """One has blocked another. Whoever did it: neither finds anything of the other."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    blocker = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_index=False)
    blocked = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["blocked", "blocker"], name="social_block_of_blocked")]
        constraints = [
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="social_block_not_oneself"),
            models.UniqueConstraint(fields=["blocker", "blocked"], name="social_block_unique"),
        ]

    def __str__(self) -> str:
        return f"block of {self.created_at:%Y-%m-%d %H:%M}"
