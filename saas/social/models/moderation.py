"""The rows of what people report and moderators decide. Each is about exactly one thing, which a foreign key names."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from saas.social import ids, values
from saas.social.models.conversations import Message
from saas.social.models.posts import Post
from saas.social.models.profiles import Profile
from saas.social.models.reactions import Comment

SUBJECTS = ("profile", "post", "comment", "message")


def one_subject(name: str) -> models.CheckConstraint:
    """Return the constraint that exactly one of the subjects is named."""
    condition = Q()
    for named in SUBJECTS:
        condition |= Q(**{f"{subject}__isnull": subject != named for subject in SUBJECTS})
    return models.CheckConstraint(condition=condition, name=name)


class Reason(models.TextChoices):
    SPAM = "spam", "Spam"
    ABUSE = "abuse", "Abuse"
    NUDITY = "nudity", "Nudity"
    VIOLENCE = "violence", "Violence"
    OTHER = "other", "Something else"


class Action(models.TextChoices):
    DISMISS = "dismiss", "Nothing is wrong with it"
    WARN = "warn", "Its author is warned"
    REMOVE = "remove", "It is deleted"
    SUSPEND = "suspend", "Its author is suspended"


class About(models.Model):
    """What a report, a decision or an entry is about: one of these, never a type by its name and an id."""

    profile = models.ForeignKey(
        Profile, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )

    class Meta:
        abstract = True

    @property
    def subject(self) -> Profile | Post | Comment | Message:
        """What it is about; one query unless it was joined."""
        found: Profile | Post | Comment | Message = next(
            getattr(self, name) for name in SUBJECTS if getattr(self, f"{name}_id") is not None
        )
        return found


class Decision(About):
    """What moderators decided about one thing. Written once: a trigger refuses changes and deletion."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    action = models.CharField(max_length=7, choices=Action.choices)
    # A member of the staff, as the site names them: a tenant app knows none.
    by = models.CharField(max_length=values.TITLE_LENGTH)
    note = models.CharField(max_length=values.NOTE_LENGTH, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="social_decision_newest")]
        constraints = [
            one_subject("social_decision_one_subject"),
            models.CheckConstraint(
                condition=Q(action__regex=values.one_of(Action.values)), name="social_decision_action_known"
            ),
            models.CheckConstraint(
                condition=Q(by__regex=values.NOT_BLANK), name="social_decision_by_not_blank"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} ({self.by})"


class Report(About):
    """Somebody finds something wrong; open until a decision closes it, for good: a trigger sees to that."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    reporter = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    note = models.CharField(max_length=values.NOTE_LENGTH, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, related_name="reports", null=True, blank=True, db_index=False
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(
                fields=["created_at", "id"],
                condition=Q(decided_at__isnull=True),
                name="social_report_queue",
            ),
            models.Index(
                fields=["decision"], condition=Q(decision__isnull=False), name="social_report_of_decision"
            ),
        ]
        constraints = [
            one_subject("social_report_one_subject"),
            models.CheckConstraint(
                condition=Q(reason__regex=values.one_of(Reason.values)), name="social_report_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(profile__isnull=True) | ~Q(profile=models.F("reporter")),
                name="social_report_not_oneself",
            ),
            models.CheckConstraint(
                condition=Q(decision__isnull=True, decided_at__isnull=True)
                | Q(decision__isnull=False, decided_at__isnull=False),
                name="social_report_decided_with_date",
            ),
            models.UniqueConstraint(
                fields=["reporter", *SUBJECTS],
                condition=Q(decided_at__isnull=True),
                nulls_distinct=False,
                name="social_report_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}, {self.created_at:%Y-%m-%d %H:%M}"


class ModerationEntry(About):
    """Who did what in the moderation, before and after. Written once: a trigger refuses changes and deletion."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.CharField(max_length=values.TITLE_LENGTH)
    action = models.CharField(max_length=40)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "moderation entries"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at", "-id"], name="social_modentry_newest")]
        constraints = [one_subject("social_moderationentry_one_subject")]

    def __str__(self) -> str:
        return f"{self.action} ({self.by})"
