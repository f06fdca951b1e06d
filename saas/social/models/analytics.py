"""The rows of what was looked at, one per day (UTC) and post or profile; counted up, never listed one by one."""

from django.db import models
from django.db.models import Q

from saas.social import ids
from saas.social.models.posts import Post
from saas.social.models.profiles import Profile


class PostDay(models.Model):
    """How often a post was shown and opened on one day."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    views = models.BigIntegerField(default=0)
    opens = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(views__gte=0, opens__gte=0), name="social_postday_counts_not_negative"
            ),
            models.UniqueConstraint(fields=["post", "day"], name="social_postday_unique"),
        ]

    def __str__(self) -> str:
        return str(self.day)


class ProfileDay(models.Model):
    """How often a profile's page was looked at on one day."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    views = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.CheckConstraint(condition=Q(views__gte=0), name="social_profileday_counts_not_negative"),
            models.UniqueConstraint(fields=["profile", "day"], name="social_profileday_unique"),
        ]

    def __str__(self) -> str:
        return str(self.day)
