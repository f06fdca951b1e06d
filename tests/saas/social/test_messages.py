"""Messages: for those who take part; deleted ones leave an empty place."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from saas.social import constraints, conversations, exceptions, messages, profiles
from saas.social.models import Conversation, Message, Profile
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import ProfileFactory

Three = tuple[Profile, Profile, Conversation]


@pytest.fixture
def two(acme: Entry) -> Three:
    ann, bob = ProfileFactory(), ProfileFactory()
    return ann, bob, conversations.direct(ann, bob)


def test_those_who_take_part_write_and_read(two: Three) -> None:
    ann, bob, pair = two
    first = messages.send(pair, by=ann, text="Hello")
    answer = messages.send(pair, by=bob, text="Hi", reply_to=first)
    for one in (ann, bob):
        assert list(messages.listing(pair, by=one)) == [answer, first]
    pair.refresh_from_db()
    assert pair.last_message_at == answer.created_at
    with pytest.raises(exceptions.InvalidText):
        messages.send(pair, by=ann, text="")


def test_nobody_else_does_not_even_by_the_table(two: Three) -> None:
    _ann, _bob, pair = two
    stranger = ProfileFactory()
    for attempt in (
        lambda: messages.send(pair, by=stranger, text="Hi"),
        lambda: messages.listing(pair, by=stranger),
        lambda: messages.unread(pair, by=stranger),
        lambda: messages.read(pair, by=stranger),
    ):
        with pytest.raises(exceptions.NotFound):
            attempt()
    with pytest.raises(exceptions.NotFound), constraints.translated():
        Message.objects.create(conversation=pair, author=stranger, text="Hi")
    assert not Message.objects.exists()


def test_who_left_neither_writes_nor_reads(acme: Entry) -> None:
    ann, bob = ProfileFactory(), ProfileFactory()
    group = conversations.group(ann, title="Tea", members=[bob])
    kept = messages.send(group, by=bob, text="Bye")
    conversations.leave(group, by=bob)
    for attempt in (
        lambda: messages.send(group, by=bob, text="Hi"),
        lambda: messages.listing(group, by=bob),
        lambda: messages.edit(kept, by=bob, text="Hi"),
        lambda: messages.delete(kept, by=bob),
    ):
        with pytest.raises(exceptions.NotFound):
            attempt()
    assert [row.text for row in messages.listing(group, by=ann)] == ["Bye"]


def test_an_answer_belongs_to_the_same_conversation(two: Three) -> None:
    ann, _bob, pair = two
    elsewhere = messages.send(conversations.direct(ann, ProfileFactory()), by=ann, text="Hi")
    with pytest.raises(exceptions.InvalidReply):
        messages.send(pair, by=ann, text="Hi", reply_to=elsewhere)
    gone = messages.send(pair, by=ann, text="Oops")
    messages.delete(gone, by=ann)
    with pytest.raises(exceptions.InvalidReply):
        messages.send(pair, by=ann, text="Hi", reply_to=gone)


def test_its_author_edits_and_deletes_it(two: Three) -> None:
    ann, bob, pair = two
    message = messages.send(pair, by=ann, text="Helo")
    assert messages.edit(message, by=ann, text="Hello").edited_at is not None
    with pytest.raises(exceptions.NotYours):
        messages.edit(message, by=bob, text="Bye")
    with pytest.raises(exceptions.NotYours):
        messages.delete(message, by=bob)
    messages.delete(message, by=ann)
    assert [(row.text, row.deleted_at is None) for row in messages.listing(pair, by=bob)] == [("", False)]
    with pytest.raises(exceptions.NotFound):
        messages.edit(message, by=ann, text="Back")
    with pytest.raises(exceptions.InvalidText), constraints.translated():
        Message.objects.update(text="Back")


def test_in_a_group_its_managers_delete_too(acme: Entry) -> None:
    ann, bob, cyd = ProfileFactory(), ProfileFactory(), ProfileFactory()
    group = conversations.group(ann, title="Tea", members=[bob, cyd])
    message = messages.send(group, by=bob, text="Spam")
    with pytest.raises(exceptions.NotYours):
        messages.delete(message, by=cyd)
    messages.delete(message, by=ann)
    assert Message.objects.get().text == ""


def test_each_has_read_up_to_somewhere(two: Three) -> None:
    ann, bob, pair = two
    start = timezone.now()
    sent = []
    for minute in range(1, 4):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            sent.append(messages.send(pair, by=ann, text=f"{minute}"))
    with time_machine.travel(start + timedelta(hours=1), tick=False):
        assert (messages.unread(pair, by=bob), messages.unread(pair, by=ann)) == (3, 0)
        messages.read(pair, by=bob, until=sent[1].created_at)
        assert messages.unread(pair, by=bob) == 1
        messages.read(pair, by=bob, until=sent[0].created_at)  # never less than before
        assert messages.unread(pair, by=bob) == 1
        assert [row.profile for row in messages.readers(sent[1], by=ann)] == [bob]
        assert list(messages.readers(sent[2], by=ann)) == []
        messages.read(pair, by=bob)
        assert messages.unread(pair, by=bob) == 0
        messages.read(pair, by=bob, until=start + timedelta(days=9))  # nobody has read what is to come
    with time_machine.travel(start + timedelta(hours=2), tick=False):
        messages.send(pair, by=ann, text="4")
        assert messages.unread(pair, by=bob) == 1


def test_the_suspended_write_nothing(two: Three) -> None:
    ann, _bob, pair = two
    message = messages.send(pair, by=ann, text="Hello")
    profiles.suspend(ann)
    for attempt in (
        lambda: messages.send(pair, by=ann, text="Hi"),
        lambda: messages.edit(message, by=ann, text="Hi"),
    ):
        with pytest.raises(exceptions.Suspended):
            attempt()


def test_another_tenant_s_conversation_takes_no_message(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        key = conversations.direct(ProfileFactory(), ProfileFactory()).pk
    with context.use(two_tenants[1]), pytest.raises(exceptions.NotFound):
        messages.send(Conversation(pk=key), by=ProfileFactory(), text="Hi")
