"""Own-row policies of the community: what is between some is theirs, and every verb still works for a visitor."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import ProgrammingError, connections, router, transaction
from django.db.models import Model
from psycopg import sql

from saas.social import (
    blocks,
    bookmarks,
    comments,
    conversations,
    exceptions,
    feed,
    follows,
    likes,
    messages,
    moderation,
    notifications,
    posts,
    profiles,
)
from saas.social.models import Bookmark, Conversation, Follow, Message, Participant, Post, Profile
from tenants import context
from tenants.context import Who
from tenants.directory import Entry
from tests.saas.social.factories import ProfileFactory, VisitorFactory

TwoTenants = tuple[Entry, Entry]
OWNED: list[type[Model]] = [Conversation, Participant, Message, Bookmark, Follow]
REFUSED = "row-level security"


@pytest.fixture
def people(two_tenants: TwoTenants) -> tuple[Profile, Profile, Profile]:
    """Return ann, bob and cyd, each of whom made their own profile."""
    with context.use(two_tenants[0]):
        made = [VisitorFactory() for _ in range(3)]
    for visitor, name in zip(made, ("ann", "bob", "cyd"), strict=True):
        with context.use(two_tenants[0], actor=visitor.pk):
            profiles.create(visitor, handle=name, name=name)
    with context.use(two_tenants[0]):
        ann, bob, cyd = Profile.objects.order_by("handle")
    return ann, bob, cyd


@pytest.fixture
def talk(two_tenants: TwoTenants, people: tuple[Profile, Profile, Profile]) -> Conversation:
    """Return what ann began and wrote into, and bob answered."""
    ann, bob, _ = people
    with context.use(two_tenants[0], actor=ann.pk):
        made = conversations.direct(ann, bob)
        messages.send(made, by=ann, text="Hello")
    with context.use(two_tenants[0], actor=bob.pk):
        messages.send(made, by=bob, text="Hello yourself")
    return made


def number(model: type[Model]) -> int:
    """Return how many rows are seen, by the ORM and by SQL of one's own."""
    with connections[router.db_for_read(model)].cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(model._meta.db_table)))
        by_hand = int(cursor.fetchone()[0])
    assert by_hand == model._default_manager.count()
    return by_hand


def counted(tenant: Entry, actor: context.Actor) -> list[int]:
    with context.use(tenant, actor=actor):
        return [number(model) for model in OWNED]


def test_what_is_between_two_is_theirs_and_the_staff_s(
    two_tenants: TwoTenants, people: tuple[Profile, Profile, Profile], talk: Conversation
) -> None:
    acme, globex = two_tenants
    ann, bob, cyd = people
    with context.use(acme, actor=bob.pk):
        profiles.update(bob, privacy="private")
        post = posts.create(bob, text="Mine")
        bookmarks.keep(post, by=bob)
    with context.use(acme, actor=ann.pk):
        follows.follow(bob, by=ann)  # a request
    assert counted(acme, ann.pk) == [1, 2, 2, 0, 1]
    assert counted(acme, bob.pk) == [1, 2, 2, 1, 1]
    assert counted(acme, cyd.pk) == counted(acme, Who.NOBODY) == [0, 0, 0, 0, 0]
    assert counted(acme, Who.STAFF) == counted(acme, Who.SYSTEM) == [1, 2, 2, 1, 1]
    assert counted(globex, ann.pk) == counted(globex, Who.STAFF) == [0, 0, 0, 0, 0]
    with context.use(acme, actor=bob.pk):
        follows.accept(ann, by=bob)
    assert counted(acme, cyd.pk) == [0, 0, 0, 0, 1]  # no request any more
    with context.use(acme):
        assert Profile.objects.get(pk=bob.pk).followers == 1
        assert Post.objects.get().bookmarks == 1


def test_two_write_answer_and_read(
    two_tenants: TwoTenants, people: tuple[Profile, Profile, Profile], talk: Conversation
) -> None:
    ann, bob, _ = people
    with context.use(two_tenants[0], actor=bob.pk):
        assert conversations.direct(bob, ann) == talk
        assert [row.text for row in messages.listing(talk, by=bob)] == ["Hello yourself", "Hello"]
        assert messages.unread(talk, by=bob) == 1
        messages.read(talk, by=bob)
    with context.use(two_tenants[0], actor=ann.pk):
        mine = Message.objects.get(author=ann)
        assert [row.profile for row in messages.readers(mine, by=ann)] == [bob]
        assert messages.edit(mine, by=ann, text="Hi").text == "Hi"
        assert [row.unread for row in conversations.listing(ann)] == [1]


def test_a_group_takes_people_in_and_lets_them_go(
    two_tenants: TwoTenants, people: tuple[Profile, Profile, Profile]
) -> None:
    acme = two_tenants[0]
    ann, bob, cyd = people
    with context.use(acme, actor=ann.pk):
        tea = conversations.group(ann, title="Tea", members=[bob])
        conversations.give(tea, bob, "admin", by=ann)
    with context.use(acme, actor=bob.pk):
        conversations.add(tea, [cyd], by=bob)
        conversations.rename(tea, by=bob, title="Green tea")
    with context.use(acme, actor=cyd.pk):
        messages.send(tea, by=cyd, text="Thanks")
    with context.use(acme, actor=bob.pk):
        messages.delete(Message.objects.get(), by=bob)
        conversations.remove(tea, cyd, by=bob)
    with context.use(acme, actor=cyd.pk):
        assert number(Message) == 0  # of those whom it was taken from
        with pytest.raises(exceptions.NotFound):
            messages.send(tea, by=cyd, text="Why?")
    with context.use(acme, actor=ann.pk):
        conversations.leave(tea, by=ann)
    with context.use(acme, actor=bob.pk):
        found = conversations.participants(tea, by=bob)
        assert [(row.profile.handle, row.role) for row in found] == [("bob", "owner")]
    with context.use(acme):
        assert set(Conversation.objects.get().members) == {ann.pk, bob.pk, cyd.pk}


def test_nobody_comes_in_by_themselves_or_writes_for_another(
    two_tenants: TwoTenants, people: tuple[Profile, Profile, Profile], talk: Conversation
) -> None:
    ann, bob, cyd = people
    with context.use(two_tenants[0], actor=cyd.pk):
        refused: list[Callable[[], Any]] = [
            lambda: Participant.objects.create(conversation=talk, profile=cyd),
            lambda: Message.objects.create(conversation=talk, author=cyd, text="Me too"),
            lambda: Conversation.objects.create(low=min(ann, bob, key=key), high=max(ann, bob, key=key)),
            lambda: Conversation.objects.create(title="Theirs", members=[ann.pk]),
            lambda: Follow.objects.create(follower=ann, followee=bob),
        ]
        for write in refused:
            with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
                write()
        assert Conversation.objects.update(members=[cyd.pk]) == Message.objects.update(text="") == 0
    with context.use(two_tenants[0], actor=ann.pk):
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
            Message.objects.create(conversation=talk, author=bob, text="I owe you")
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
            Conversation.objects.update(low=None, high=None, title="Ours", members=[bob.pk])
    with context.use(two_tenants[0]):
        assert set(Message.objects.values_list("text", flat=True)) == {"Hello", "Hello yourself"}


def key(profile: Profile) -> Any:
    return profile.pk


def test_what_is_said_to_all_works_as_before(
    two_tenants: TwoTenants, people: tuple[Profile, Profile, Profile]
) -> None:
    acme = two_tenants[0]
    ann, bob, _ = people
    with context.use(acme, actor=ann.pk):
        post = posts.create(ann, text="Hello #tea and @bob")
    with context.use(acme, actor=bob.pk):
        follows.follow(ann, by=bob)
        likes.like(post, by=bob)
        bookmarks.keep(post, by=bob)
        comments.create(post, by=bob, text="Hello")
        posts.repost(post, by=bob)
        assert [row.post for row in bookmarks.listing(bob)] == [post]
        assert post in list(feed.home(bob))
        assert notifications.unread(bob) == 1  # the mention
        moderation.report(post, by=bob, reason="spam")
    with context.use(acme, actor=ann.pk):
        assert notifications.unread(ann) == 4  # followed, liked, commented, reposted
        assert notifications.read(ann) == 4
        blocks.block(bob, by=ann)
        assert number(Follow) == 0
    with context.use(acme):
        kept = Post.objects.get(pk=post.pk)
        assert (kept.likes, kept.bookmarks, kept.comments, kept.reposts) == (1, 1, 1, 1)
        assert Profile.objects.get(pk=ann.pk).followers == 0


def test_who_took_part_before_there_were_policies_is_remembered(two_tenants: TwoTenants) -> None:
    with context.use(two_tenants[0]):
        ann, bob = ProfileFactory(), ProfileFactory()
        made = conversations.direct(ann, bob)
        made.refresh_from_db()
        assert set(made.members) == {ann.pk, bob.pk}
        conversations.direct(bob, ann)
        made.refresh_from_db()
        assert len(made.members) == 2
