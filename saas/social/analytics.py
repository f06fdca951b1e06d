"""Analytics: what was looked at, counted per day (UTC), and what came of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from saas.social import ids, queries
from saas.social.models import Comment, Follow, Like, Post, PostDay, Profile, ProfileDay


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a post or a profile: what was counted, by name."""

    day: date
    counts: dict[str, int]


def viewed(posts: Iterable[Post], *, now: datetime | None = None) -> None:
    """Count that posts were shown in a list, each as often as it stands in it; in the order of their ids."""
    day = _day(now)
    for key, times in sorted(Counter(post.pk for post in posts).items()):
        queries.NAMED["post_day"].rows(id=ids.new(), post=key, day=day, views=times, opens=0)


def opened(post: Post, *, now: datetime | None = None) -> None:
    """Count that somebody opened post, which shows it as well."""
    queries.NAMED["post_day"].rows(id=ids.new(), post=post.pk, day=_day(now), views=1, opens=1)


def profile_viewed(profile: Profile, *, now: datetime | None = None) -> None:
    """Count that somebody looked at the page of profile."""
    queries.NAMED["profile_day"].rows(id=ids.new(), profile=profile.pk, day=_day(now), views=1)


def of_post(post: Post, *, start: date, end: date) -> list[Day]:
    """Return the days of post from start to before end, each of them, also empty ones. Three queries."""
    days = _empty(start, end, ("views", "opens", "likes", "comments"))
    for row in PostDay.objects.filter(post=post, day__gte=start, day__lt=end):
        days[row.day] |= {"views": row.views, "opens": row.opens}
    _fill(days, "likes", rows=Like.objects.filter(post=post), column="created_at", start=start, end=end)
    _fill(
        days,
        "comments",
        rows=Comment.objects.filter(post=post, deleted_at=None),
        column="created_at",
        start=start,
        end=end,
    )
    return [Day(day, counts) for day, counts in days.items()]


def of_profile(profile: Profile, *, start: date, end: date) -> list[Day]:
    """Return the days of profile from start to before end: views, followers gained, posts. Three queries."""
    days = _empty(start, end, ("views", "followers", "posts"))
    for row in ProfileDay.objects.filter(profile=profile, day__gte=start, day__lt=end):
        days[row.day] |= {"views": row.views}
    _fill(
        days,
        "followers",
        rows=Follow.objects.filter(followee=profile),
        column="accepted_at",
        start=start,
        end=end,
    )
    _fill(
        days,
        "posts",
        rows=Post.objects.filter(author=profile, deleted_at=None),
        column="created_at",
        start=start,
        end=end,
    )
    return [Day(day, counts) for day, counts in days.items()]


def _day(now: datetime | None) -> date:
    return (now or timezone.now()).astimezone(UTC).date()


def _empty(start: date, end: date, names: tuple[str, ...]) -> dict[date, dict[str, int]]:
    return {start + timedelta(days=n): dict.fromkeys(names, 0) for n in range((end - start).days)}


def _fill(
    days: dict[date, dict[str, int]],
    name: str,
    *,
    rows: "QuerySet[Like] | QuerySet[Comment] | QuerySet[Follow] | QuerySet[Post]",
    column: str,
    start: date,
    end: date,
) -> None:
    """Count rows per day. The range is one of the column itself, which an index can answer."""
    span = {
        f"{column}__gte": datetime.combine(start, time(), UTC),
        f"{column}__lt": datetime.combine(end, time(), UTC),
    }
    found = rows.filter(**span).order_by().annotate(on=TruncDate(column, tzinfo=UTC))
    for day, count in found.values("on").annotate(n=Count("pk")).values_list("on", "n"):
        days[day][name] = count
