"""The feed: whom one follows, newest first, page after page, by one query."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from saas.social import feed, follows, posts, profiles
from saas.social.models import Follow, Mention, Post, Profile
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import PostFactory, ProfileFactory


def followed(by: Profile, count: int) -> list[Profile]:
    """Return so many new profiles that somebody follows."""
    people: list[Profile] = ProfileFactory.create_batch(count)
    now = timezone.now()
    Follow.objects.bulk_create(
        [Follow(follower=by, followee=one, requested_at=now, accepted_at=now) for one in people]
    )
    return people


def test_it_shows_the_newest_of_whom_one_follows_and_one_s_own(acme: Entry) -> None:
    me, moment = ProfileFactory(), timezone.now()
    people = [me, *followed(me, 4)]
    made = [
        PostFactory(author=people[n % 5], created_at=moment - timedelta(minutes=n * 7 % 31))
        for n in range(30)
    ]
    PostFactory.create_batch(3)  # of strangers
    order = sorted(made, key=lambda post: (post.created_at, post.pk), reverse=True)
    assert list(feed.home(me)) == order[:20]
    last = order[19]
    assert list(feed.home(me, after=(last.created_at, last.pk))) == order[20:]
    assert list(feed.home(me, after=(order[-1].created_at, order[-1].pk))) == []
    assert list(feed.home(me, limit=3)) == order[:3]


def test_posts_of_one_moment_are_cut_between_pages_without_gap_or_double(acme: Entry) -> None:
    me, moment = ProfileFactory(), timezone.now()
    made = [PostFactory(author=one, created_at=moment) for one in followed(me, 3) for _ in range(3)]
    seen: list[Post] = []
    after = None
    while page := list(feed.home(me, after=after, limit=4)):
        seen += page
        after = (page[-1].created_at, page[-1].pk)
    assert seen == sorted(made, key=lambda post: post.pk, reverse=True)


@pytest.mark.parametrize("count", [1, 30])
def test_it_is_one_query_however_many_one_follows(
    acme: Entry, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    me = ProfileFactory()
    for one in followed(me, count):
        PostFactory(author=one)
    with django_assert_num_queries(1):
        names = [post.author.name for post in feed.home(me)]
    assert len(names) == min(count, 20)


def test_who_writes_much_does_not_push_out_what_is_newer(acme: Entry) -> None:
    me, moment = ProfileFactory(), timezone.now()
    loud, quiet = followed(me, 2)
    newest = PostFactory(author=quiet, created_at=moment)
    PostFactory.create_batch(25, author=loud, created_at=moment - timedelta(hours=1))
    page = list(feed.home(me))
    assert page[0] == newest
    assert [post.author for post in page[1:]] == [loud] * 19


def test_what_is_for_others_takes_no_place_on_the_page(acme: Entry) -> None:
    me, moment = ProfileFactory(), timezone.now()
    [one] = followed(me, 1)
    wanted = PostFactory(author=one, created_at=moment - timedelta(days=1))
    PostFactory.create_batch(25, author=one, visibility="mentioned", created_at=moment)
    named = PostFactory(author=one, visibility="mentioned", created_at=moment)
    Mention.objects.create(post=named, profile=me)
    assert list(feed.home(me)) == [named, wanted]


def test_requests_and_the_suspended_show_nothing(acme: Entry) -> None:
    me, private = ProfileFactory(), ProfileFactory(privacy="private")
    [gone] = followed(me, 1)
    PostFactory(author=private)
    PostFactory(author=gone)
    follows.follow(private, by=me)
    profiles.suspend(gone)
    assert list(feed.home(me)) == []
    follows.accept(me, by=private)
    assert [post.author for post in feed.home(me)] == [private]
    [mine] = feed.home(me)
    posts.delete(mine, by=private)
    assert list(feed.home(me)) == []


def test_the_feed_of_another_tenant_is_empty(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        me = ProfileFactory()
        PostFactory(author=me)
        assert len(feed.home(me)) == 1
        key = me.pk
    with context.use(two_tenants[1]):
        assert len(feed.home(Profile(pk=key))) == 0
