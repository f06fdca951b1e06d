"""The rows of what people do with a post: like it, keep it, comment on it."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from saas.social import ids, values
from saas.social.models.posts import Post
from saas.social.models.profiles import Profile


class Like(models.Model):
    """Somebody likes a post, once."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["post", "-created_at", "-id"], name="social_like_of_post"),
            models.Index(fields=["profile", "-created_at", "-id"], name="social_like_by_profile"),
        ]
        constraints = [models.UniqueConstraint(fields=["post", "profile"], name="social_like_unique")]


class Bookmark(models.Model):
    """Somebody keeps a post for later; only they see that."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["profile", "-created_at", "-id"], name="social_bookmark_by_profile")]
        constraints = [models.UniqueConstraint(fields=["post", "profile"], name="social_bookmark_unique")]


class Comment(models.Model):
    """One comment on a post; a reply answers another comment on the same post, which a foreign key demands."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+", db_index=False)
    reply_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    text = models.CharField(max_length=values.TEXT_LENGTH)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["post", "created_at", "id"], name="social_comment_of_post"),
            models.Index(
                fields=["reply_to", "created_at", "id"],
                condition=Q(reply_to__isnull=False),
                name="social_comment_replies",
            ),
            models.Index(fields=["author", "-created_at", "-id"], name="social_comment_of_author"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(text__regex=values.NOT_BLANK), name="social_comment_text_not_blank"
            ),
            models.CheckConstraint(
                condition=Q(reply_to__isnull=True) | ~Q(reply_to=F("id")),
                name="social_comment_not_own_reply",
            ),
            # What the foreign key `social_comment_reply_in_post` refers to.
            models.UniqueConstraint(fields=["post", "id"], name="social_comment_post_id_unique"),
        ]

    def __str__(self) -> str:
        return self.text[:60]
