"""Counters: the triggers keep them, a recount finds what was tampered with, and repair sets it right."""

import pytest
from django.db import IntegrityError
from django.db.models import F, Model
from django.utils import timezone

from saas.social import comments, constraints, counters, follows, likes, posts
from saas.social.models import Comment, Follow, Hashtag, Like, Notification, Post, Profile
from tenants import context
from tenants.directory import Entry
from tests.saas.social.crowd import at_once
from tests.saas.social.factories import PostFactory, ProfileFactory


def busy() -> Post:
    """Return a post of which every counter has something to count."""
    ann, bob = ProfileFactory(), ProfileFactory()
    follows.follow(ann, by=bob)
    post = posts.create(ann, text="#tea", files=[posts.File("image", "a.png")])
    likes.like(post, by=bob)
    comments.create(post, by=bob, text="Hi")
    posts.create(bob, text="Hi #tea", reply_to=post)
    posts.repost(post, by=bob)
    return post


def test_all_that_is_kept_is_compared(acme: Entry) -> None:
    kept = {(one.model, one.field) for one in counters.ALL}
    shown: set[tuple[type[Model], str]] = {(Profile, name) for name in ("followers", "following", "posts")}
    shown |= {(Post, name) for name in ("likes", "comments", "replies", "reposts", "bookmarks", "files")}
    assert kept == shown | {(Hashtag, "posts"), (Notification, "actors")}


def test_after_all_verbs_nothing_is_wrong(acme: Entry) -> None:
    post = busy()
    assert counters.check() == []
    posts.delete(post, by=post.author)
    assert counters.check() == []


@pytest.mark.parametrize("kept", counters.ALL, ids=lambda kept: f"{kept.model.__name__}.{kept.field}")
def test_each_counter_that_is_wrong_is_found_and_repaired(acme: Entry, kept: counters.Kept) -> None:
    busy()
    row = kept.model._default_manager.order_by("pk").first()
    assert row is not None
    true = getattr(row, kept.field)
    kept.model._default_manager.filter(pk=row.pk).update(**{kept.field: F(kept.field) + 3})
    name = f"{kept.model.__name__.lower()}.{kept.field}"
    wrong = [counters.Wrong(name, str(row.pk), true + 3, true)]
    assert counters.check() == wrong
    assert counters.repair() == wrong
    assert counters.check() == counters.repair() == []


def test_many_rows_in_one_statement_are_counted(acme: Entry) -> None:
    first, second, people = PostFactory(), PostFactory(), ProfileFactory.create_batch(4)
    Like.objects.bulk_create(
        [
            *(Like(post=first, profile=one) for one in people),
            *(Like(post=second, profile=one) for one in people[:2]),
        ]
    )
    made = Comment.objects.bulk_create([Comment(post=first, author=people[0], text="x") for _ in range(3)])
    Comment.objects.filter(pk__in=[row.pk for row in made[:2]]).update(deleted_at=made[0].created_at)
    Like.objects.filter(post=first, profile__in=people[:3]).delete()
    assert list(Post.objects.order_by("pk").values_list("likes", "comments")) == [(1, 1), (2, 0)]
    Comment.objects.update(deleted_at=None)
    now = timezone.now()
    Follow.objects.bulk_create(
        [Follow(follower=people[0], followee=one, requested_at=now, accepted_at=now) for one in people[1:]]
    )
    assert Profile.objects.get(pk=people[0].pk).following == 3
    Follow.objects.update(accepted_at=None)
    assert counters.check() == []


def test_a_counter_below_zero_is_refused(acme: Entry) -> None:
    post = PostFactory()
    with pytest.raises(IntegrityError, match="social_post_counters_not_negative"), constraints.translated():
        Post.objects.filter(pk=post.pk).update(likes=-1)


def test_it_is_exact_while_others_like(module_db: str, globex: Entry) -> None:
    with context.use(globex):
        post, crowd = PostFactory(), ProfileFactory.create_batch(50)
        Post.objects.filter(pk=post.pk).update(likes=7)

    def like_or_repair(number: int) -> None:
        if number % 10 == 0:
            counters.repair()
        else:
            likes.like(post, by=crowd[number])

    assert at_once(globex, 50, like_or_repair) == []
    with context.use(globex):
        counters.repair()
        post.refresh_from_db()
        assert (post.likes, counters.check()) == (45, [])


def test_another_tenant_s_counters_are_not_touched(two_tenants: tuple[Entry, Entry]) -> None:
    for tenant in two_tenants:
        with context.use(tenant):
            Post.objects.filter(pk=PostFactory().pk).update(likes=7)
    with context.use(two_tenants[0]):
        assert len(counters.repair()) == 1
    with context.use(two_tenants[1]):
        assert len(counters.check()) == 1
