"""Likes: like a post, take it back, and who likes what."""

from django.db.models import QuerySet

from saas.social import constraints, notifications, profiles, visibility
from saas.social.models import Like, Post, Profile
from saas.social.models.notifications import Event


def like(post: Post, *, by: Profile) -> Like:
    """Like a post that one may read, and tell its author; a second time changes nothing. Raises NotFound, Suspended."""
    found = visibility.require(post.pk, by)
    with constraints.translated():
        profiles.refuse_suspended(by)
        made, new = Like.objects.get_or_create(post=found, profile=by)
        if new:
            notifications.notify(found.author, Event.LIKE, actor=by, post=found)
    return made


def unlike(post: Post, *, by: Profile) -> bool:
    """Take it back, and say whether there was one."""
    with constraints.translated():
        gone, _ = Like.objects.filter(post=post, profile=by).delete()
        if gone:
            notifications.withdraw(post.author, actor=by, event=Event.LIKE, post=post)
    return gone > 0


def of_post(post: Post, viewer: Profile | None) -> QuerySet[Like]:
    """Return who likes post, newest first, joined, without whom viewer does not see. Raises NotFound."""
    visibility.require(post.pk, viewer)
    found = Like.objects.filter(post=post).select_related("profile")
    return visibility.without_blocked(found, viewer, path="profile").order_by("-created_at", "-id")


def by_profile(profile: Profile) -> QuerySet[Like]:
    """Return what profile likes, newest like first, with posts and authors, as far as profile may still read them."""
    readable = visibility.visible(Post.objects.all(), profile)
    found = Like.objects.filter(profile=profile, post__in=readable).select_related("post__author")
    return found.defer("post__search").order_by("-created_at", "-id")
