"""Counters: what the triggers keep (`sql/counters.sql`), said once more as queries, to compare and to repair."""

from dataclasses import dataclass
from typing import Any

from django.db import router, transaction
from django.db.models import Count, F, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from saas.social.models import (
    Bookmark,
    Comment,
    Follow,
    Hashtag,
    Like,
    Notification,
    NotificationActor,
    Post,
    PostHashtag,
    PostMedia,
    Profile,
)

BATCH = 500  # rows that are locked at a time


ANY = Q()


@dataclass(frozen=True, slots=True)
class Kept:
    """A counter: the column that keeps it, and the rows that it counts, by their foreign key."""

    model: type[Model]
    field: str
    rows: type[Model]
    key: str
    which: Q = ANY


@dataclass(frozen=True, slots=True)
class Wrong:
    """A counter of one row that is not what it counts."""

    counter: str
    id: str
    kept: int
    counted: int


ALIVE = Q(deleted_at=None)
ACCEPTED = Q(accepted_at__isnull=False)
ALL = (
    Kept(Profile, "followers", Follow, "followee", ACCEPTED),
    Kept(Profile, "following", Follow, "follower", ACCEPTED),
    Kept(Profile, "posts", Post, "author", ALIVE),
    Kept(Post, "likes", Like, "post"),
    Kept(Post, "bookmarks", Bookmark, "post"),
    Kept(Post, "comments", Comment, "post", ALIVE),
    Kept(Post, "replies", Post, "reply_to", ALIVE),
    Kept(Post, "reposts", Post, "repost_of", ALIVE),
    Kept(Post, "files", PostMedia, "post"),
    Kept(Hashtag, "posts", PostHashtag, "hashtag"),
    Kept(Notification, "actors", NotificationActor, "notification"),
)


def check() -> list[Wrong]:
    """Return every counter that is not what it counts. Reads all, locks nothing: writers of the moment may show up."""
    return [wrong for kept in ALL for wrong in _wrong(kept, _counted(kept))]


def repair() -> list[Wrong]:
    """Set every counter that is wrong to what it counts, and return what they were; exact, also while others write.

    The rows are locked in the order of their ids and counted again under the lock: whoever adds or removes something
    counted must have that lock before they commit.
    """
    repaired = []
    for kept in ALL:
        keys = sorted(_counted(kept).values_list("pk", flat=True))
        for start in range(0, len(keys), BATCH):
            repaired += _repair(kept, keys[start : start + BATCH])
    return repaired


def _counted(kept: Kept) -> QuerySet[Any]:
    """Return the rows whose counter is wrong, annotated with what it should be."""
    rows = kept.rows._default_manager.filter(kept.which, **{kept.key: OuterRef("pk")})
    count = rows.order_by().values(kept.key).annotate(n=Count("pk")).values("n")
    found = kept.model._default_manager.annotate(counted=Coalesce(Subquery(count), 0))
    wrong: QuerySet[Any] = found.exclude(counted=F(kept.field)).order_by("pk")
    return wrong


def _wrong(kept: Kept, found: QuerySet[Any]) -> list[Wrong]:
    name = f"{kept.model._meta.model_name}.{kept.field}"
    values = found.values_list("pk", kept.field, "counted")
    return [Wrong(name, str(key), was, counted) for key, was, counted in values]


def _repair(kept: Kept, keys: list[Any]) -> list[Wrong]:
    with transaction.atomic(using=router.db_for_write(kept.model)):
        rows = kept.model._default_manager.filter(pk__in=keys).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
        wrong = _wrong(kept, _counted(kept).filter(pk__in=keys))
        for found in wrong:
            kept.model._default_manager.filter(pk=found.id).update(**{kept.field: found.counted})
    return wrong
