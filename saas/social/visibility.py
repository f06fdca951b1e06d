"""Who may see what: the one rule for posts, and what a block hides. Every list of the community goes through here."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from saas.social import exceptions
from saas.social.models import Block, Follow, Mention, Post, Profile
from saas.social.models.posts import Visibility
from saas.social.models.profiles import Privacy

Row = TypeVar("Row", bound=Model)


def visible(posts: QuerySet[Post], viewer: Profile | None) -> QuerySet[Post]:
    """Return those of posts that viewer may read, None being somebody without a profile.

    Nobody reads what is deleted. One's own posts one reads. Between two of whom one has blocked the other nothing
    passes. Else one reads what is said to everybody by a public profile, what mentions one, and what is said to
    everybody or to followers by whom one follows. A repost without words of its own goes with what it shows again.
    """
    shown = posts.filter(_readable(viewer, ""), deleted_at=None)
    return shown.filter(
        Q(repost_of=None) | ~Q(text="") | Q(repost_of__deleted_at=None) & _readable(viewer, "repost_of__")
    )


def require(post_id: UUID, viewer: Profile | None) -> Post:
    """Return a post that viewer may read, with its author. Raises NotFound."""
    found = visible(Post.objects.filter(pk=post_id), viewer).select_related("author").defer("search").first()
    if found is None:
        raise exceptions.NotFound("There is no such post, or not for you.")
    return found


def may_read(post: Post, viewer: Profile | None) -> bool:
    """Say whether viewer may read post."""
    return visible(Post.objects.filter(pk=post.pk), viewer).exists()


def without_blocked(rows: QuerySet[Row], viewer: Profile | None, *, path: str) -> QuerySet[Row]:
    """Return rows without those whose profile is suspended, or has blocked viewer or was blocked by them.

    path leads to the profile, '' where the row is one.
    """
    shown = rows.filter(**{f"{path}__suspended_at" if path else "suspended_at": None})
    return shown if viewer is None else shown.filter(~_blocked(viewer, path or "pk"))


def between(one: Profile, other: Profile) -> bool:
    """Say whether one of the two has blocked the other."""
    pairs = Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)
    return Block.objects.filter(pairs).exists()


def _readable(viewer: Profile | None, prefix: str) -> Q:
    """Return the rule for the post at prefix, '' being the row itself."""
    to_all = Q(
        **{f"{prefix}visibility": Visibility.PUBLIC, f"{prefix}author__privacy": Privacy.PUBLIC},
    )
    in_order = Q(**{f"{prefix}author__suspended_at": None})
    if viewer is None:
        return to_all & in_order
    post, author = OuterRef(f"{prefix}pk"), OuterRef(f"{prefix}author")
    mentioned = Exists(Mention.objects.filter(post=post, profile=viewer))
    followed = Exists(Follow.objects.filter(follower=viewer, followee=author).exclude(accepted_at=None))
    to_followers = ~Q(**{f"{prefix}visibility": Visibility.MENTIONED}) & Q(followed)
    said = to_all | Q(mentioned) | to_followers
    return Q(**{f"{prefix}author": viewer}) | in_order & ~_blocked(viewer, f"{prefix}author") & said


def _blocked(viewer: Profile, path: str) -> Q:
    """Return whether the profile at path and viewer have nothing to do with each other; two index probes."""
    other = OuterRef(path)
    return Q(Exists(Block.objects.filter(blocker=viewer, blocked=other))) | Q(
        Exists(Block.objects.filter(blocked=viewer, blocker=other))
    )
