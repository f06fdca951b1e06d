"""Analytics: counted per day of UTC, also at once; days without anything are zeros."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from saas.social import analytics, comments, follows, likes, posts
from saas.social.models import PostDay, ProfileDay
from tenants import context
from tenants.directory import Entry
from tests.saas.social.crowd import at_once
from tests.saas.social.factories import PostFactory, ProfileFactory

MAY_1, MAY_2, MAY_3, MAY_4 = (date(2026, 5, day) for day in (1, 2, 3, 4))
LATE = datetime(2026, 5, 1, 23, 59, 59, 999_999, tzinfo=UTC)
EARLY = datetime(2026, 5, 2, tzinfo=UTC)


def test_a_post_s_days(acme: Entry, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    post, other, bob = PostFactory(), PostFactory(), ProfileFactory()
    analytics.viewed([post, other, post], now=LATE)
    analytics.opened(post, now=LATE)
    analytics.viewed([post], now=EARLY)
    with time_machine.travel(LATE, tick=False):
        likes.like(post, by=bob)
        comments.delete(comments.create(post, by=bob, text="Gone"), by=bob)
    with time_machine.travel(EARLY, tick=False):
        comments.create(post, by=bob, text="Hi")
        likes.like(post, by=post.author)
    with django_assert_num_queries(3):
        days = analytics.of_post(post, start=MAY_1, end=MAY_4)
    assert [(one.day, *one.counts.values()) for one in days] == [
        (MAY_1, 3, 1, 1, 0),
        (MAY_2, 1, 0, 1, 1),
        (MAY_3, 0, 0, 0, 0),
    ]
    assert [one.day for one in analytics.of_post(post, start=MAY_2, end=MAY_2)] == []


def test_a_profile_s_days(acme: Entry) -> None:
    ann, bob = ProfileFactory(), ProfileFactory()
    analytics.profile_viewed(ann, now=LATE)
    analytics.profile_viewed(ann, now=LATE)
    analytics.profile_viewed(bob, now=LATE)
    with time_machine.travel(EARLY, tick=False):
        follows.follow(ann, by=bob)
        posts.create(ann, text="Hello")
        posts.delete(posts.create(ann, text="Oops"), by=ann)
    days = analytics.of_profile(ann, start=MAY_1, end=MAY_3)
    assert [(one.day, one.counts) for one in days] == [
        (MAY_1, {"views": 2, "followers": 0, "posts": 0}),
        (MAY_2, {"views": 0, "followers": 1, "posts": 1}),
    ]


def test_another_tenant_s_days_are_its_own(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        analytics.opened(PostFactory())
        analytics.profile_viewed(ProfileFactory())
        assert (PostDay.objects.count(), ProfileDay.objects.count()) == (1, 1)
    with context.use(two_tenants[1]):
        assert (PostDay.objects.count(), ProfileDay.objects.count()) == (0, 0)


@pytest.mark.usefixtures("module_db")
def test_fifty_at_once_are_fifty(globex: Entry) -> None:
    with context.use(globex):
        pair = [PostFactory(), PostFactory()]

    def look(number: int) -> None:
        analytics.viewed(pair if number % 2 else pair[::-1], now=LATE)

    assert at_once(globex, 50, look) == []
    with context.use(globex):
        assert set(PostDay.objects.values_list("views", flat=True)) == {50}
