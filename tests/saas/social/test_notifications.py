"""Notifications: grouped until they are read, then anew."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from saas.social import blocks, counters, likes, notifications, posts, profiles
from saas.social.models import Notification, NotificationActor, Profile
from saas.social.models.notifications import Event
from tenants import context
from tenants.directory import Entry
from tests.saas.social.crowd import at_once
from tests.saas.social.factories import PostFactory, ProfileFactory


def summary(profile: Profile) -> list[tuple[str, str, int]]:
    return [(row.event, row.actor.name, row.actors) for row in notifications.listing(profile)]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "Ada liked your post"),
        (2, "Ada and 1 other liked your post"),
        (4, "Ada and 3 others liked your post"),
    ],
)
def test_likes_of_one_post_are_one_sentence(acme: Entry, count: int, words: str) -> None:
    post = PostFactory()
    for one in [*ProfileFactory.create_batch(count - 1), ProfileFactory(name="Ada")]:
        likes.like(post, by=one)
    assert [notifications.sentence(row) for row in notifications.listing(post.author)] == [words]


def test_other_posts_and_other_events_are_other_groups(acme: Entry) -> None:
    ann, bob = ProfileFactory(), ProfileFactory(name="Bob")
    first, second = PostFactory(author=ann), PostFactory(author=ann)
    likes.like(first, by=bob)
    likes.like(second, by=bob)
    posts.repost(first, by=bob)
    notifications.notify(ann, Event.FOLLOW, actor=bob)
    notifications.notify(ann, Event.FOLLOW, actor=ProfileFactory(name="Cyd"))
    assert summary(ann) == [
        ("follow", "Cyd", 2),
        ("repost", "Bob", 1),
        ("like", "Bob", 1),
        ("like", "Bob", 1),
    ]


def test_what_was_read_is_not_added_to(acme: Entry) -> None:
    post = PostFactory()
    likes.like(post, by=ProfileFactory(name="Ada"))
    [first] = notifications.listing(post.author)
    assert notifications.read(post.author, [first.pk]) == 1
    assert notifications.read(post.author, [first.pk]) == 0
    assert notifications.unread(post.author) == 0
    likes.like(post, by=ProfileFactory(name="Bob"))
    assert summary(post.author) == [("like", "Bob", 1), ("like", "Ada", 1)]
    assert notifications.unread(post.author) == 1
    assert notifications.read(post.author) == 1
    assert notifications.unread(post.author) == 0


def test_nobody_reads_for_somebody_else(acme: Entry) -> None:
    post = PostFactory()
    likes.like(post, by=ProfileFactory())
    [row] = notifications.listing(post.author)
    assert notifications.read(ProfileFactory(), [row.pk]) == 0
    assert notifications.unread(post.author) == 1


def test_what_is_new_comes_first_also_in_an_old_group(acme: Entry) -> None:
    first, moment = PostFactory(), timezone.now()
    second = PostFactory(author=first.author)
    for minute, post in enumerate((first, second, first)):
        with time_machine.travel(moment + timedelta(minutes=minute), tick=False):
            likes.like(post, by=ProfileFactory())
    assert [row.post for row in notifications.listing(first.author)] == [first, second]


def test_the_last_before_takes_the_place_of_who_is_withdrawn(acme: Entry) -> None:
    post, people = PostFactory(), [ProfileFactory(name=name) for name in ("Ada", "Bob", "Cyd")]
    for one in people:
        likes.like(post, by=one)
    blocks.block(post.author, by=people[2])
    assert summary(post.author) == [("like", "Bob", 2)]
    likes.unlike(post, by=people[0])
    assert summary(post.author) == [("like", "Bob", 1)]
    likes.unlike(post, by=people[1])
    assert summary(post.author) == []
    assert not NotificationActor.objects.exists()


def test_deleted_posts_and_the_suspended_are_not_spoken_of(acme: Entry) -> None:
    post, bob = PostFactory(), ProfileFactory()
    likes.like(post, by=bob)
    profiles.suspend(bob)
    assert summary(post.author) == []
    profiles.reinstate(bob)
    assert len(summary(post.author)) == 1
    posts.delete(post, by=post.author)
    assert summary(post.author) == []


def test_a_list_is_one_query(acme: Entry, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ann = ProfileFactory()
    for _ in range(5):
        likes.like(PostFactory(author=ann), by=ProfileFactory())
    with django_assert_num_queries(1):
        assert len([(row.post and row.post.text, row.actor.name) for row in notifications.listing(ann)]) == 5


def test_another_tenant_is_told_nothing(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        likes.like(PostFactory(), by=ProfileFactory())
        assert Notification.objects.count() == 1
    with context.use(two_tenants[1]):
        assert not Notification.objects.exists()


def test_fifty_at_once_are_one_group_of_fifty(module_db: str, globex: Entry) -> None:
    with context.use(globex):
        ann, crowd = ProfileFactory(), ProfileFactory.create_batch(50)
    assert at_once(globex, 50, lambda n: notifications.notify(ann, Event.FOLLOW, actor=crowd[n])) == []
    with context.use(globex):
        assert [(row.event, row.actors) for row in notifications.listing(ann)] == [("follow", 50)]
        assert counters.check() == []
