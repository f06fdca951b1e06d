"""Notifications: tell somebody what others did, grouped, and keep what they have read."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from saas.social import constraints, ids, queries, visibility
from saas.social.models import Notification, NotificationActor, Post, Profile


def notify(recipient: Profile, event: str, *, actor: Profile, post: Post | None = None) -> None:
    """Tell recipient that actor did something: one more in the unread group of it, or the first of a new one.

    Nobody is told of themselves, or of whom they have nothing to do with. Who did the same twice counts once.
    """
    if recipient.pk == actor.pk or visibility.between(recipient, actor):
        return
    with constraints.translated():
        [(group,)] = queries.NAMED["notify"].rows(
            id=ids.new(),
            recipient=recipient.pk,
            event=event,
            post=post and post.pk,
            actor=actor.pk,
            now=timezone.now(),
        )
        NotificationActor.objects.bulk_create(
            [NotificationActor(notification_id=group, profile=actor)], ignore_conflicts=True
        )


def withdraw(
    recipient: Profile, *, actor: Profile, event: str | None = None, post: Post | None = None
) -> None:
    """Take actor out of what recipient was told: of one event and post (a like that was taken back), or of all.

    A group of nobody goes; in others the one who came last takes the place.
    """
    groups = Notification.objects.filter(recipient=recipient)
    if event is not None:
        groups = groups.filter(event=event, post=post)
    told = NotificationActor.objects.filter(notification__in=groups, profile=actor)
    with constraints.translated():
        touched = list(told.values_list("notification_id", flat=True))
        locked = list(
            Notification.objects.select_for_update()
            .filter(pk__in=touched)
            .order_by("pk")
            .values_list("pk", "actor")
        )
        NotificationActor.objects.filter(notification__in=touched, profile=actor).delete()
        Notification.objects.filter(pk__in=touched, actors=0).delete()
        _succeed([group for group, last in locked if last == actor.pk])


def listing(profile: Profile) -> QuerySet[Notification]:
    """Return what profile was told, newest first, with who did it last and the post; one query.

    Without what is about deleted posts, and without whom profile has nothing to do with.
    """
    found = Notification.objects.filter(recipient=profile).filter(Q(post=None) | Q(post__deleted_at=None))
    shown = visibility.without_blocked(found, profile, path="actor")
    return shown.select_related("actor", "post").defer("post__search").order_by("-updated_at", "-id")


def unread(profile: Profile) -> int:
    """Return how many groups profile has not read."""
    return listing(profile).filter(read_at=None).count()


def read(profile: Profile, which: Iterable[UUID] | None = None) -> int:
    """Mark notifications of profile as read, all without which, and return how many were unread."""
    found = Notification.objects.filter(recipient=profile, read_at=None)
    found = found if which is None else found.filter(pk__in=list(which))
    return found.update(read_at=timezone.now())


def sentence(notification: Notification) -> str:
    """Say it in words: `Ada and 3 others liked your post`."""
    others = notification.actors - 1
    more = "" if others < 1 else " and 1 other" if others == 1 else f" and {others} others"
    return f"{notification.actor.name}{more} {notification.get_event_display()}"


def _succeed(groups: list[UUID]) -> None:
    newest = NotificationActor.objects.filter(notification__in=groups).order_by(
        "notification_id", "-created_at", "-id"
    )
    for row in newest.distinct("notification_id"):
        Notification.objects.filter(pk=row.notification_id).update(actor=row.profile_id)
