"""The rows of what people say: posts, their files, and what they said before an edit."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from saas.social import ids, values
from saas.social.models.profiles import Profile


class Visibility(models.TextChoices):
    PUBLIC = "public", "Everybody"
    FOLLOWERS = "followers", "Followers and who is mentioned"
    MENTIONED = "mentioned", "Only who is mentioned"


class Post(models.Model):
    """One post. A reply names what it answers and the root of its thread; a repost names what it shows again, and
    is a quote when it has a text of its own. A deleted post stays as a row and is shown nowhere.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    author = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=values.TEXT_LENGTH, blank=True, default="")
    visibility = models.CharField(max_length=9, choices=Visibility.choices, default=Visibility.PUBLIC)
    sensitive = models.BooleanField(default=False)
    reply_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    root = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    repost_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    files = models.SmallIntegerField(default=0, editable=False)
    likes = models.BigIntegerField(default=0, editable=False)
    comments = models.BigIntegerField(default=0, editable=False)
    replies = models.BigIntegerField(default=0, editable=False)
    reposts = models.BigIntegerField(default=0, editable=False)
    bookmarks = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    pinned_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # 'simple' knows no language: what a community speaks is not known.
    search = models.GeneratedField(
        expression=SearchVector("text", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # The feed and a profile's page; the feed judges by the index alone which posts it wants.
            models.Index(
                fields=["author", "-created_at", "-id"],
                include=["visibility", "repost_of"],
                condition=Q(deleted_at__isnull=True),
                name="social_post_of_author",
            ),
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(deleted_at__isnull=True, visibility="public", reply_to__isnull=True),
                name="social_post_newest",
            ),
            models.Index(
                fields=["root", "created_at", "id"],
                condition=Q(root__isnull=False),
                name="social_post_thread",
            ),
            models.Index(
                fields=["reply_to", "created_at", "id"],
                condition=Q(reply_to__isnull=False),
                name="social_post_replies",
            ),
            models.Index(
                fields=["repost_of", "-created_at", "-id"],
                condition=Q(repost_of__isnull=False),
                name="social_post_reposts",
            ),
            GinIndex(fields=["search"], condition=Q(deleted_at__isnull=True), name="social_post_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(text__regex=values.NOT_BLANK)
                | Q(text="", files__gt=0)
                | Q(text="", repost_of__isnull=False),
                name="social_post_says_something",
            ),
            models.CheckConstraint(
                condition=Q(files__gte=0, files__lte=values.MEDIA_MOST), name="social_post_files_few"
            ),
            models.CheckConstraint(
                condition=Q(visibility__regex=values.one_of(Visibility.values)),
                name="social_post_visibility_known",
            ),
            models.CheckConstraint(
                condition=Q(reply_to__isnull=True, root__isnull=True)
                | Q(reply_to__isnull=False, root__isnull=False) & ~Q(reply_to=F("id")) & ~Q(root=F("id")),
                name="social_post_reply_in_thread",
            ),
            models.CheckConstraint(
                condition=Q(repost_of__isnull=True) | ~Q(repost_of=F("id")), name="social_post_not_own_repost"
            ),
            models.CheckConstraint(
                condition=Q(likes__gte=0, comments__gte=0, replies__gte=0, reposts__gte=0, bookmarks__gte=0),
                name="social_post_counters_not_negative",
            ),
            models.UniqueConstraint(
                fields=["author"],
                condition=Q(pinned_at__isnull=False, deleted_at__isnull=True),
                name="social_post_one_pinned",
            ),
            models.UniqueConstraint(
                fields=["author", "repost_of"],
                condition=Q(text="", repost_of__isnull=False, deleted_at__isnull=True),
                name="social_post_reposted_once",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60] or str(self.id)


class MediaKind(models.TextChoices):
    IMAGE = "image", "Image"
    VIDEO = "video", "Video"
    AUDIO = "audio", "Audio"


class PostMedia(models.Model):
    """One file of a post, in the order in which it is shown; the file itself stands in the storage."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="media", db_index=False)
    kind = models.CharField(max_length=5, choices=MediaKind.choices)
    path = models.CharField(max_length=values.PATH_LENGTH)
    alt = models.CharField("what it shows", max_length=values.ALT_LENGTH, blank=True, default="")
    position = models.SmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "post media"
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__regex=values.one_of(MediaKind.values)), name="social_postmedia_kind_known"
            ),
            models.CheckConstraint(condition=Q(path__regex=values.PATH), name="social_postmedia_path_format"),
            models.CheckConstraint(
                condition=Q(position__gte=0, position__lt=values.MEDIA_MOST), name="social_postmedia_few"
            ),
            models.UniqueConstraint(fields=["post", "position"], name="social_postmedia_position_unique"),
        ]


class PostEdit(models.Model):
    """What a post said until it was edited. Written once: a trigger refuses changes."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="edits", db_index=False)
    text = models.CharField(max_length=values.TEXT_LENGTH, blank=True)
    edited_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-edited_at", "-id"]
        indexes = [models.Index(fields=["post", "-edited_at", "-id"], name="social_postedit_of_post")]
