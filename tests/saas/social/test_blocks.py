"""Blocks: in both directions, from the moment on; lifting one brings nothing back."""

from collections.abc import Callable

import pytest

from saas.social import (
    blocks,
    comments,
    conversations,
    exceptions,
    feed,
    follows,
    likes,
    mentions,
    messages,
    notifications,
    posts,
)
from saas.social.models import Block, Conversation, Follow, Notification, Profile
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import ProfileFactory

Pair = tuple[Profile, Profile]


@pytest.fixture(params=["who blocks", "who is blocked"])
def pair(acme: Entry, request: pytest.FixtureRequest) -> Pair:
    """Return one who looks, and the other; before the block each followed, mentioned, liked and wrote to the other."""
    one, other = ProfileFactory(handle="one"), ProfileFactory(handle="other")
    for by, to in ((one, other), (other, one)):
        follows.follow(to, by=by)
        post = posts.create(by, text=f"quokka @{to.handle}")
        likes.like(post, by=to)
        comments.create(post, by=to, text="Nice")
    messages.send(conversations.direct(one, other), by=one, text="Hello")
    assert len(feed.home(one)) == 2
    assert notifications.unread(one) == 4  # follow, mention, like, comment
    if request.param == "who blocks":
        blocks.block(other, by=one)
    else:
        blocks.block(one, by=other)
    return one, other


def test_what_the_other_wrote_is_in_no_list(pair: Pair) -> None:
    one, other = pair
    assert {post.author for post in feed.home(one)} == {one}
    assert {post.author for post in posts.search("quokka", one)} == {one}
    assert {post.author for post in posts.newest(one)} == {one}
    assert not posts.of_author(other, one).exists()
    assert not mentions.listing(one).exists()
    [mine] = posts.of_author(one, one)
    assert not likes.of_post(mine, one).exists()
    assert not comments.listing(mine, one).exists()
    assert list(likes.by_profile(one)) == []
    assert list(conversations.listing(one)) == []


def test_what_either_was_told_of_the_other_is_gone(pair: Pair) -> None:
    for one in pair:
        assert (notifications.unread(one), list(notifications.listing(one))) == (0, [])
    assert not Notification.objects.exists()


def test_follows_end_and_the_counters_with_them(pair: Pair) -> None:
    assert not Follow.objects.exists()
    assert set(Profile.objects.values_list("followers", "following")) == {(0, 0)}


def test_nothing_new_passes_between_them(pair: Pair) -> None:
    one, other = pair
    theirs = posts.of_author(other, other).get()
    group = conversations.group(ProfileFactory(), title="All", members=[one])
    conversations.give(group, one, "owner", by=conversations.participants(group, by=one)[0].profile)
    refused: list[Callable[[], object]] = [
        lambda: follows.follow(other, by=one),
        lambda: conversations.direct(one, other),
        lambda: messages.send(conversations.direct(*pair), by=one, text="Hi"),
        lambda: conversations.add(group, [other], by=one),
    ]
    for attempt in refused:
        with pytest.raises(exceptions.Blocked):
            attempt()
    hidden: list[Callable[[], object]] = [
        lambda: likes.like(theirs, by=one),
        lambda: comments.create(theirs, by=one, text="Hi"),
        lambda: posts.repost(theirs, by=one),
        lambda: posts.create(one, text="Hi", reply_to=theirs),
    ]
    for attempt in hidden:
        with pytest.raises(exceptions.NotFound):
            attempt()
    posts.create(one, text="@other")
    assert notifications.unread(other) == 0


def test_a_message_into_the_conversation_that_they_had_is_refused(pair: Pair) -> None:
    kept = Conversation.objects.get()
    for by in pair:
        with pytest.raises(exceptions.Blocked):
            messages.send(kept, by=by, text="Hi")


def test_lifting_it_brings_posts_back_and_follows_not(acme: Entry) -> None:
    one, other = ProfileFactory(), ProfileFactory()
    follows.follow(one, by=other)
    post = posts.create(other, text="Hi")
    made = blocks.block(other, by=one)
    assert blocks.block(other, by=one) == made
    assert [row.blocked for row in blocks.listing(one)] == [other]
    assert list(blocks.listing(other)) == []
    assert not blocks.lift(one, by=other)  # only who made it may
    assert blocks.lift(other, by=one)
    assert not blocks.lift(other, by=one)
    assert list(posts.newest(one)) == [post]
    assert not Follow.objects.exists()


def test_a_block_of_each_other_needs_both_to_lift_it(acme: Entry) -> None:
    one, other = ProfileFactory(), ProfileFactory()
    post = posts.create(other, text="Hi")
    blocks.block(other, by=one)
    blocks.block(one, by=other)
    blocks.lift(other, by=one)
    assert list(posts.newest(one)) == []
    blocks.lift(one, by=other)
    assert list(posts.newest(one)) == [post]


def test_nobody_blocks_themselves_and_nobody_sees_another_tenant_s(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        one = ProfileFactory()
        with pytest.raises(exceptions.NotOneself):
            blocks.block(one, by=one)
        blocks.block(ProfileFactory(), by=one)
        assert Block.objects.count() == 1
    with context.use(two_tenants[1]):
        assert not Block.objects.exists()
