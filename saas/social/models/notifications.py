"""The rows of what somebody should hear of: one for all who did the same with the same."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from saas.social import ids, values
from saas.social.models.posts import Post
from saas.social.models.profiles import Profile


class Event(models.TextChoices):
    LIKE = "like", "liked your post"
    COMMENT = "comment", "commented on your post"
    REPLY = "reply", "replied to you"
    REPOST = "repost", "reposted your post"
    MENTION = "mention", "mentioned you"
    FOLLOW = "follow", "followed you"
    REQUEST = "request", "asked to follow you"
    ACCEPT = "accept", "accepted your request"


ABOUT_POSTS = ("like", "comment", "reply", "repost", "mention")
ABOUT_PEOPLE = ("follow", "request", "accept")


class Notification(models.Model):
    """ "A and 3 others liked your post": one unread row per event and post; once read, the next one begins anew."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    recipient = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_index=False)
    event = models.CharField(max_length=7, choices=Event.choices)
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="+", null=True, blank=True, db_index=False
    )
    actor = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_index=False)
    actors = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-updated_at", "-id"]
        indexes = [
            models.Index(fields=["recipient", "-updated_at", "-id"], name="social_notification_newest"),
            models.Index(
                fields=["post"], condition=Q(post__isnull=False), name="social_notification_of_post"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(event__regex=values.one_of(ABOUT_POSTS), post__isnull=False)
                | Q(event__regex=values.one_of(ABOUT_PEOPLE), post__isnull=True),
                name="social_notification_event_has_its_subject",
            ),
            models.CheckConstraint(
                condition=Q(actors__gte=0), name="social_notification_actors_not_negative"
            ),
            models.UniqueConstraint(
                fields=["recipient", "event", "post"],
                condition=Q(read_at__isnull=True),
                nulls_distinct=False,
                name="social_notification_group_unique",
            ),
        ]


class NotificationActor(models.Model):
    """Somebody who did what a notification tells of, once."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="+", db_index=False)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["notification", "-created_at", "-id"], name="social_notifactor_newest"),
            models.Index(fields=["profile"], name="social_notificationactor_who"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "profile"], name="social_notificationactor_unique"
            )
        ]
