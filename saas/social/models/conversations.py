"""The rows of what is said between some: conversations, who takes part, messages."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from saas.social import ids, values
from saas.social.models.profiles import Profile


class Conversation(models.Model):
    """A group has a title. A direct one has its two instead, the lower id first, so that there is one per pair."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    low = models.ForeignKey(
        Profile, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    high = models.ForeignKey(
        Profile, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    title = models.CharField(max_length=values.TITLE_LENGTH, blank=True, default="")
    # Who takes or took part, kept by the trigger `social_participant_remembered`; the own-row policy asks it.
    members = ArrayField(models.UUIDField(), default=list, db_default=[], editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_message_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-last_message_at", "-id"]
        indexes = [models.Index(fields=["high"], name="social_conversation_high")]
        constraints = [
            models.CheckConstraint(
                condition=Q(low__isnull=False, high__isnull=False, low__lt=F("high"), title="")
                | Q(low__isnull=True, high__isnull=True, title__regex=values.NOT_BLANK),
                name="social_conversation_direct_or_group",
            ),
            models.UniqueConstraint(fields=["low", "high"], name="social_conversation_pair_unique"),
        ]

    def __str__(self) -> str:
        return self.title or f"of two, since {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_direct(self) -> bool:
        return self.low_id is not None


class ParticipantRole(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"


class Participant(models.Model):
    """Somebody takes part in a conversation, or took part until they left; and how far they have read."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="participants", db_index=False
    )
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=6, choices=ParticipantRole.choices, default=ParticipantRole.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    left_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField("read up to", null=True, blank=True)

    class Meta:
        ordering = ["joined_at", "id"]
        indexes = [
            models.Index(
                fields=["profile", "conversation"],
                condition=Q(left_at__isnull=True),
                name="social_participant_of_profile",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__regex=values.one_of(ParticipantRole.values)),
                name="social_participant_role_known",
            ),
            models.UniqueConstraint(fields=["conversation", "profile"], name="social_participant_unique"),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(role="owner", left_at__isnull=True),
                name="social_participant_one_owner",
            ),
        ]


class Message(models.Model):
    """One message. Foreign keys demand that its author takes part, and that what it answers is of the conversation."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+", db_index=False)
    reply_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    text = models.CharField(max_length=values.TEXT_LENGTH)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["conversation", "-created_at", "-id"], name="social_message_newest"),
            models.Index(
                fields=["reply_to"], condition=Q(reply_to__isnull=False), name="social_message_replies"
            ),
        ]
        constraints = [
            # A deleted message keeps its place and loses its text.
            models.CheckConstraint(
                condition=Q(text__regex=values.NOT_BLANK, deleted_at__isnull=True)
                | Q(text="", deleted_at__isnull=False),
                name="social_message_text_until_deleted",
            ),
            models.CheckConstraint(
                condition=Q(reply_to__isnull=True) | ~Q(reply_to=F("id")),
                name="social_message_not_own_reply",
            ),
            models.UniqueConstraint(fields=["conversation", "id"], name="social_message_in_conversation"),
        ]

    def __str__(self) -> str:
        return self.text[:60] or f"deleted, of {self.created_at:%Y-%m-%d %H:%M}"
