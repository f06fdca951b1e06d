"""Bookmarks: keep a post for later, for oneself."""

from django.db.models import QuerySet

from saas.social import constraints, visibility
from saas.social.models import Bookmark, Post, Profile


def keep(post: Post, *, by: Profile) -> Bookmark:
    """Keep a post that one may read; a second time changes nothing. Raises NotFound."""
    found = visibility.require(post.pk, by)
    with constraints.translated():
        made, _ = Bookmark.objects.get_or_create(post=found, profile=by)
    return made


def drop(post: Post, *, by: Profile) -> bool:
    """Keep it no longer, and say whether it was kept."""
    gone, _ = Bookmark.objects.filter(post=post, profile=by).delete()
    return gone > 0


def listing(profile: Profile) -> QuerySet[Bookmark]:
    """Return what profile keeps, newest bookmark first, with posts and authors, as far as profile may read them."""
    readable = visibility.visible(Post.objects.all(), profile)
    found = Bookmark.objects.filter(profile=profile, post__in=readable).select_related("post__author")
    return found.defer("post__search").order_by("-created_at", "-id")
