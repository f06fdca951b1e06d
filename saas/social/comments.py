"""Comments: say something about a post, answer, edit, delete."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import router, transaction
from django.db.models import QuerySet
from django.utils import timezone

from saas.social import constraints, exceptions, mentions, notifications, profiles, values, visibility
from saas.social.models import Comment, Post, Profile
from saas.social.models.notifications import Event


def create(post: Post, *, by: Profile, text: str, reply_to: Comment | None = None) -> Comment:
    """Comment on a post that one may read, and tell its author, whom it answers and whom it names.

    Raises InvalidText, InvalidReply, NotFound, Blocked, Suspended.
    """
    found = visibility.require(post.pk, by)
    made = Comment(post=found, author=by, text=values.text(text), reply_to=reply_to)
    with constraints.translated():
        profiles.refuse_suspended(by)
        answered = None if reply_to is None else _answered(reply_to, by)
        made.save(force_insert=True)
        _tell(made, answered)
    return made


def edit(comment: Comment, *, by: Profile, text: str) -> Comment:
    """Say it in other words. Raises InvalidText, NotFound, NotYours, Suspended."""
    wanted = values.text(text)
    with _locked(comment):
        if comment.author_id != by.pk:
            raise exceptions.NotYours
        profiles.refuse_suspended(by)
        comment.text, comment.edited_at = wanted, timezone.now()
        comment.save(update_fields=["text", "edited_at"])
    return comment


def delete(comment: Comment, *, by: Profile) -> None:
    """Show comment nowhere any more: its author may, and the post's. Raises NotFound, NotYours."""
    with _locked(comment):
        if by.pk not in (comment.author_id, comment.post.author_id):
            raise exceptions.NotYours
        hide(comment)


def hide(comment: Comment) -> None:
    """What `delete` does, for whoever may do it to others' comments; deleted already, it keeps its date."""
    now = timezone.now()
    if Comment.objects.filter(pk=comment.pk, deleted_at=None).update(deleted_at=now):
        comment.deleted_at = now


def listing(post: Post, viewer: Profile | None) -> QuerySet[Comment]:
    """Return the comments on post, oldest first, with authors, without whom viewer does not see. Raises NotFound."""
    visibility.require(post.pk, viewer)
    found = Comment.objects.filter(post=post, deleted_at=None).select_related("author")
    return visibility.without_blocked(found, viewer, path="author").order_by("created_at", "id")


def replies(comment: Comment, viewer: Profile | None) -> QuerySet[Comment]:
    """Return what answers comment itself, oldest first."""
    return listing(comment.post, viewer).filter(reply_to=comment)


def _answered(comment: Comment, by: Profile) -> Profile:
    """Return whom an answer to comment answers. What is deleted cannot be answered, nor who has blocked one."""
    found = Comment.objects.select_related("author").filter(pk=comment.pk, deleted_at=None).first()
    if found is None:
        raise exceptions.InvalidReply
    if visibility.between(found.author, by):
        raise exceptions.Blocked
    return found.author


def _tell(comment: Comment, answered: Profile | None) -> None:
    """Tell each once, in the order of their ids: who is answered, who is named, whose post it is."""
    post = comment.post
    events = {post.author: Event.COMMENT}
    events |= dict.fromkeys(_readers(mentions.resolve(comment.text, by=comment.author), post), Event.MENTION)
    events |= {} if answered is None else {answered: Event.REPLY}
    for profile, event in sorted(events.items(), key=lambda told: told[0].pk):
        notifications.notify(profile, event, actor=comment.author, post=post)


def _readers(named: list[Profile], post: Post) -> list[Profile]:
    """Whoever may not read the post is not told of it."""
    return [profile for profile in named if visibility.may_read(post, profile)]


@contextmanager
def _locked(comment: Comment) -> Iterator[None]:
    """Lock a comment that is not deleted, and read it again. Raises NotFound."""
    with transaction.atomic(using=router.db_for_write(Comment)):
        comment.refresh_from_db(from_queryset=Comment.objects.select_for_update(no_key=True))
        if comment.deleted_at is not None:
            raise exceptions.NotFound("There is no such comment, or not for you.")
        yield
