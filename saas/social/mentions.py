"""Mentions: whom a post names, and what names somebody."""

from django.db.models import QuerySet

from saas.social import notifications, profiles, texts, visibility
from saas.social.models import Mention, Post, Profile
from saas.social.models.notifications import Event


def resolve(text: str, *, by: Profile) -> list[Profile]:
    """Return the profiles that text names, in the order of their ids: none twice, not by, none blocked. One query."""
    handles = texts.mentions(text)
    if not handles:
        return []
    found = visibility.without_blocked(profiles.by_handles([*handles]), by, path="")
    return list(found.exclude(pk=by.pk).order_by("pk"))


def write(post: Post) -> list[Profile]:
    """Bring the rows of post to what its text names, tell those who are new, and return all who are named."""
    named = resolve(post.text, by=post.author)
    kept = set(Mention.objects.filter(post=post).values_list("profile_id", flat=True))
    Mention.objects.filter(post=post).exclude(profile__in=named).delete()
    new = [profile for profile in named if profile.pk not in kept]
    Mention.objects.bulk_create(
        [Mention(post=post, profile=profile) for profile in new], ignore_conflicts=True
    )
    for profile in new:
        notifications.notify(profile, Event.MENTION, actor=post.author, post=post)
    return named


def listing(profile: Profile) -> QuerySet[Post]:
    """Return the posts that mention profile, newest first, as far as profile may read them."""
    found = Post.objects.filter(pk__in=Mention.objects.filter(profile=profile).values("post"))
    shown = visibility.visible(found, profile).select_related("author").defer("search")
    return shown.order_by("-created_at", "-id")
