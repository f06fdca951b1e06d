"""Likes: once each, told, taken back; from 50 threads the counter is what a recount gives."""

import pytest
from django.db.models import F

from saas.social import blocks, counters, exceptions, follows, likes, notifications, posts, profiles
from saas.social.models import Follow, Like, Notification, Post, Profile
from tenants import context
from tenants.directory import Entry
from tests.saas.social.crowd import at_once
from tests.saas.social.factories import PostFactory, ProfileFactory


def test_a_like_is_counted_once_and_told(acme: Entry) -> None:
    post, bob = PostFactory(), ProfileFactory()
    made = likes.like(post, by=bob)
    assert likes.like(post, by=bob) == made
    post.refresh_from_db()
    assert post.likes == 1
    assert [like.profile for like in likes.of_post(post, None)] == [bob]
    assert [(row.event, row.post, row.actor) for row in notifications.listing(post.author)] == [
        ("like", post, bob)
    ]


def test_it_is_taken_back_with_what_was_told(acme: Entry) -> None:
    post, bob, cyd = PostFactory(), ProfileFactory(), ProfileFactory()
    likes.like(post, by=bob)
    likes.like(post, by=cyd)
    assert likes.unlike(post, by=cyd)
    assert not likes.unlike(post, by=cyd)
    post.refresh_from_db()
    assert post.likes == 1
    assert [(row.actor, row.actors) for row in notifications.listing(post.author)] == [(bob, 1)]
    likes.unlike(post, by=bob)
    assert not Notification.objects.exists()


def test_one_s_own_like_is_counted_and_not_told(acme: Entry) -> None:
    post = PostFactory()
    likes.like(post, by=post.author)
    post.refresh_from_db()
    assert (post.likes, Notification.objects.count()) == (1, 0)


def test_what_one_cannot_read_one_cannot_like(acme: Entry) -> None:
    bob = ProfileFactory()
    hidden, deleted, blocked = PostFactory(visibility="followers"), PostFactory(), PostFactory()
    posts.delete(deleted, by=deleted.author)
    blocks.block(bob, by=blocked.author)
    for post in (hidden, deleted, blocked):
        with pytest.raises(exceptions.NotFound):
            likes.like(post, by=bob)
    profiles.suspend(bob)
    with pytest.raises(exceptions.Suspended):
        likes.like(PostFactory(), by=bob)
    assert not Like.objects.exists()


def test_another_tenant_s_post_is_not_there_to_like(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        key = PostFactory().pk
    with context.use(two_tenants[1]), pytest.raises(exceptions.NotFound):
        likes.like(Post(pk=key), by=ProfileFactory())


def test_fifty_at_once_like_and_follow_and_each_is_counted(module_db: str, globex: Entry) -> None:
    with context.use(globex):
        crowd = ProfileFactory.create_batch(50)
        star = ProfileFactory(handle="star")
        post = PostFactory(author=star)

    def admire(number: int) -> None:
        likes.like(post, by=crowd[number])
        follows.follow(star, by=crowd[number])
        follows.follow(crowd[(number + 1) % 50], by=crowd[number])
        follows.follow(crowd[number - 1], by=crowd[number])  # and those two follow each other at once
        if number % 5 == 0:
            likes.unlike(post, by=crowd[number])
            follows.unfollow(star, by=crowd[number])

    assert at_once(globex, 50, admire) == []
    with context.use(globex):
        post.refresh_from_db()
        star.refresh_from_db()
        assert (post.likes, Like.objects.filter(post=post).count()) == (40, 40)
        assert (star.followers, Follow.objects.filter(followee=star).count()) == (40, 40)
        assert set(
            Profile.objects.filter(pk__in=[one.pk for one in crowd]).values_list("followers", flat=True)
        ) == {2}
        told = notifications.listing(star)
        assert {row.event: row.actors for row in told} == {"like": 40, "follow": 50}
        assert counters.check() == []


def test_the_same_like_fifty_times_at_once_is_one(module_db: str, globex: Entry) -> None:
    with context.use(globex):
        post, bob, ann = PostFactory(), ProfileFactory(), ProfileFactory()

    def admire(number: int) -> None:
        likes.like(post, by=bob)
        follows.follow(ann, by=bob)

    assert at_once(globex, 50, admire) == []
    with context.use(globex):
        post.refresh_from_db()
        ann.refresh_from_db()
        assert (post.likes, ann.followers) == (1, 1)
        assert counters.check() == []


def test_a_block_and_a_follow_at_once_leave_no_follow(module_db: str, globex: Entry) -> None:
    with context.use(globex):
        pairs = [(ProfileFactory(), ProfileFactory()) for _ in range(25)]

    def meet(number: int) -> None:
        one, other = pairs[number // 2]
        if number % 2:
            blocks.block(other, by=one)
            return
        try:
            follows.follow(one, by=other)
        except exceptions.Blocked:
            return

    assert at_once(globex, 50, meet) == []
    with context.use(globex):
        assert not Follow.objects.filter(followee__in=[one for one, _ in pairs]).exists()
        assert (
            not Profile.objects.filter(pk__in=[one.pk for one, _ in pairs])
            .exclude(followers=F("following"))
            .exists()
        )
        assert counters.check() == []
