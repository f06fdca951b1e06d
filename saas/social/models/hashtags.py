"""The rows of what a text names: hashtags, and people."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from saas.social import ids, values
from saas.social.models.posts import Post
from saas.social.models.profiles import Profile


class Hashtag(models.Model):
    """One hashtag, as `texts.hashtags` spells it. Its score is of the moment `scored_at` and halves with time."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    name = models.CharField(max_length=values.TAG_LENGTH)
    posts = models.BigIntegerField(default=0, editable=False)
    score = models.FloatField(default=0, editable=False)
    scored_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(
                F("score").desc(), F("id").desc(), condition=Q(score__gt=0), name="social_hashtag_trending"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=values.NOT_BLANK), name="social_hashtag_name_not_blank"
            ),
            models.CheckConstraint(
                condition=Q(posts__gte=0, score__gte=0), name="social_hashtag_counters_not_negative"
            ),
            models.UniqueConstraint(fields=["name"], name="social_hashtag_name_unique"),
        ]

    def __str__(self) -> str:
        return f"#{self.name}"


class PostHashtag(models.Model):
    """A post has a hashtag in its text. Rows of deleted posts are gone."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    hashtag = models.ForeignKey(Hashtag, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["hashtag", "-created_at", "-id"], name="social_posthashtag_of_tag")]
        constraints = [models.UniqueConstraint(fields=["post", "hashtag"], name="social_posthashtag_unique")]


class Mention(models.Model):
    """A post names somebody, who may therefore read it."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["profile", "-created_at", "-id"], name="social_mention_of_profile")]
        constraints = [models.UniqueConstraint(fields=["post", "profile"], name="social_mention_unique")]
