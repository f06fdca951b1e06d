"""Moderation: report what is wrong, decide on it, and keep who decided what."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from saas.social import (
    comments,
    constraints,
    conversations,
    exceptions,
    messages,
    posts,
    profiles,
    values,
    visibility,
)
from saas.social.models import Comment, Decision, Message, ModerationEntry, Post, Profile, Report
from saas.social.models.moderation import SUBJECTS, Action, Reason

Subject = Profile | Post | Comment | Message


def report(subject: Subject, *, by: Profile, reason: str, note: str = "") -> Report:
    """Tell the moderators of something that one may see.

    Raises InvalidChoice, InvalidNote, NotOneself, NotFound, DuplicateReport.
    """
    if reason not in Reason.values:
        raise exceptions.InvalidChoice(field="reason")
    if author_of(subject).pk == by.pk:
        raise exceptions.NotOneself
    _refuse_unseen(subject, by)
    made = Report(reporter=by, reason=reason, note=values.note(note), **_about(subject))
    with constraints.translated():
        made.save(force_insert=True)
    return made


def queue() -> QuerySet[Report]:
    """Return what nobody has decided yet, oldest first, with all that a moderator looks at; one query."""
    joined = ("reporter", "profile", "post__author", "comment__author", "message__author")
    found = Report.objects.filter(decided_at=None).select_related(*joined).defer("post__search")
    return found.order_by("created_at", "id")


def decide(report: Report, *, action: str, by: str, note: str = "") -> Decision:
    """Decide on what report is about, and so on all open reports of it; `by` names the member of the staff.

    One transaction: decision, what it does, the reports, the entry. Raises AlreadyDecided, InvalidChoice.
    """
    if action not in Action.values or (action == Action.REMOVE and report.profile_id is not None):
        raise exceptions.InvalidChoice(field="action")
    with constraints.translated():
        about = {f"{name}_id": getattr(report, f"{name}_id") for name in SUBJECTS}
        same = Report.objects.select_for_update().filter(**about, decided_at=None).order_by("pk")
        if report.pk not in (found := [row.pk for row in same]):
            raise exceptions.AlreadyDecided
        made = Decision.objects.create(action=action, by=by, note=values.note(note), **about)
        before, after = _act(report.subject, action)
        Report.objects.filter(pk__in=found).update(decision=made, decided_at=timezone.now())
        after |= {"decision": str(made.pk), "reports": len(found)}
        _record(report.subject, action, by=by, before=before, after=after)
    return made


def reinstate(profile: Profile, *, by: str) -> None:
    """Lift a suspension, and keep who did it."""
    with constraints.translated():
        since = profile.suspended_at
        profiles.reinstate(profile)
        before = {"suspended_at": since and since.isoformat()}
        _record(profile, "reinstate", by=by, before=before, after={"suspended_at": None})


def entries(subject: Subject | None = None) -> QuerySet[ModerationEntry]:
    """Return who did what, newest first; of one thing if given."""
    found = ModerationEntry.objects.order_by("-at", "-id")
    return found if subject is None else found.filter(**_about(subject))


def author_of(subject: Subject) -> Profile:
    """Return whose it is; a profile is its own."""
    return subject if isinstance(subject, Profile) else subject.author


def _about(subject: Subject) -> dict[str, Any]:
    """Return the one column that names subject."""
    return {type(subject).__name__.lower(): subject}


def _refuse_unseen(subject: Subject, by: Profile) -> None:
    match subject:
        case Post():
            visibility.require(subject.pk, by)
        case Comment():
            if subject.deleted_at is not None:
                raise exceptions.NotFound
            visibility.require(subject.post_id, by)
        case Message():
            conversations.part(subject.conversation, by)


def _act(subject: Subject, action: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Do what was decided, and return what was before and what is now."""
    if action == Action.SUSPEND:
        author = author_of(subject)
        before = author.suspended_at
        profiles.suspend(author)
        return _moments("suspended_at", before, author.suspended_at)
    if action != Action.REMOVE or isinstance(subject, Profile):
        return {}, {}
    before = subject.deleted_at
    match subject:
        case Post():
            posts.hide(subject)
        case Comment():
            comments.hide(subject)
        case Message():
            messages.hide(subject)
    return _moments("deleted_at", before, subject.deleted_at)


def _moments(name: str, before: Any, after: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return {name: before and before.isoformat()}, {name: after and after.isoformat()}


def _record(subject: Subject, action: str, *, by: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    ModerationEntry.objects.create(action=action, by=by, before=before, after=after, **_about(subject))
