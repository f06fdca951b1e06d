"""Hashtags: those of a post, what has one, and what many write of now."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from saas.social import exceptions, queries, texts, visibility
from saas.social.models import Hashtag, Post, PostHashtag, Profile

HALF_LIFE = timedelta(hours=6)
LEAST = 0.01  # a score below this is none: 40 hours after a single use


def write(post: Post) -> tuple[str, ...]:
    """Bring the rows of post to what its text names, and return that. New ones count for what is trending."""
    names = () if post.deleted_at else texts.hashtags(post.text)
    Hashtag.objects.bulk_create([Hashtag(name=name) for name in sorted(names)], ignore_conflicts=True)
    wanted = {tag.pk: tag for tag in _locked(Hashtag.objects.filter(name__in=names))}
    had = set(PostHashtag.objects.filter(post=post).values_list("hashtag_id", flat=True))
    PostHashtag.objects.filter(post=post).exclude(hashtag__in=wanted).delete()
    new = [key for key in wanted if key not in had]
    PostHashtag.objects.bulk_create(
        [PostHashtag(post=post, hashtag_id=key, created_at=post.created_at) for key in new],
        ignore_conflicts=True,
    )
    _use(new)
    return names


def decay(now: datetime | None = None) -> int:
    """Bring all scores to now, and return how many there are still. Locks them in the order of their ids.

    A score halves within HALF_LIFE, whenever and however often this runs: each row says of which moment it is.
    """
    moment = now or timezone.now()
    queries.NAMED["hashtags_decay"].rows(now=moment, half_life=HALF_LIFE.total_seconds(), least=LEAST)
    return Hashtag.objects.filter(score__gt=0).count()


def decayed(score: float, elapsed: timedelta) -> float:
    """Return what is left of score after elapsed; the statements `hashtag_used` and `hashtags_decay` say the same."""
    return float(score * 0.5 ** (elapsed / HALF_LIFE))


def trending() -> QuerySet[Hashtag]:
    """Return the hashtags that many write of now, those of most first, as of the last `decay`."""
    return Hashtag.objects.filter(score__gt=0).order_by("-score", "-id")


def posts(name: str, viewer: Profile | None) -> QuerySet[Post]:
    """Return the posts with this hashtag, however it is spelled, newest first, as far as viewer may read them.

    Raises NotFound for what is no hashtag.
    """
    spelled = texts.hashtag(name.lstrip(texts.SIGNS))
    if spelled is None:
        raise exceptions.NotFound("This is no hashtag.")
    rows = PostHashtag.objects.filter(hashtag__name=spelled)
    found = visibility.visible(Post.objects.filter(pk__in=rows.values("post")), viewer)
    return found.select_related("author").defer("search").order_by("-created_at", "-id")


def _locked(tags: QuerySet[Hashtag]) -> list[Hashtag]:
    return list(tags.select_for_update(no_key=True).order_by("pk"))


def _use(keys: list[UUID]) -> None:
    if keys:
        queries.NAMED["hashtag_used"].rows(now=timezone.now(), half_life=HALF_LIFE.total_seconds(), ids=keys)
