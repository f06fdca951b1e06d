"""Conversations: one per pair, also at once; groups whose owner and admins say who takes part."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from saas.social import conversations, exceptions, messages, profiles, values
from saas.social.models import Conversation, Participant, Profile
from tenants import context
from tenants.directory import Entry
from tests.saas.social.crowd import at_once
from tests.saas.social.factories import ProfileFactory


def roles(conversation: Conversation) -> dict[str, str]:
    rows = Participant.objects.filter(conversation=conversation, left_at=None)
    return dict(rows.values_list("profile__handle", "role"))


@pytest.fixture
def people(acme: Entry) -> list[Profile]:
    return [ProfileFactory(handle=handle) for handle in ("ann", "bob", "cyd", "dan")]


@pytest.fixture
def group(people: list[Profile]) -> Conversation:
    """Return a group of ann, its owner, bob, an admin, and cyd."""
    ann, bob, cyd, _ = people
    made = conversations.group(ann, title="Tea", members=[bob, cyd])
    conversations.give(made, bob, "admin", by=ann)
    return made


def test_two_have_one_conversation_whoever_begins(people: list[Profile]) -> None:
    ann, bob, cyd, _ = people
    made = conversations.direct(ann, bob)
    assert conversations.direct(bob, ann) == made
    assert conversations.direct(ann, cyd) != made
    assert roles(made) == {"ann": "member", "bob": "member"}
    assert made.is_direct
    with pytest.raises(exceptions.NotOneself):
        conversations.direct(ann, ann)


def test_a_direct_one_is_nobody_else_s_and_is_not_managed(people: list[Profile]) -> None:
    ann, bob, cyd, _ = people
    made = conversations.direct(ann, bob)
    with pytest.raises(exceptions.NotFound):
        conversations.part(made, cyd)
    attempts: list[Callable[[], object]] = [
        lambda: conversations.add(made, [cyd], by=ann),
        lambda: conversations.remove(made, bob, by=ann),
        lambda: conversations.leave(made, by=ann),
        lambda: conversations.rename(made, by=ann, title="Us"),
        lambda: conversations.give(made, bob, "owner", by=ann),
    ]
    for attempt in attempts:
        with pytest.raises(exceptions.DirectConversation):
            attempt()
    assert roles(made) == {"ann": "member", "bob": "member"}


def test_a_group_has_a_title_an_owner_and_members(group: Conversation, people: list[Profile]) -> None:
    ann, bob, cyd, dan = people
    assert roles(group) == {"ann": "owner", "bob": "admin", "cyd": "member"}
    assert [row.profile for row in conversations.participants(group, by=cyd)] == [ann, bob, cyd]
    with pytest.raises(exceptions.NotFound):
        conversations.participants(group, by=dan)
    with pytest.raises(exceptions.InvalidTitle):
        conversations.group(ann, title=" ")


# Who may do what, by hand from the docstrings: (act, who may).
MANAGEMENT: dict[str, tuple[Callable[[Conversation, list[Profile], Profile], object], set[str]]] = {
    "rename": (lambda group, _, by: conversations.rename(group, by=by, title="Milk"), {"ann", "bob"}),
    "add": (lambda group, people, by: conversations.add(group, [people[3]], by=by), {"ann", "bob"}),
    "remove a member": (
        lambda group, people, by: conversations.remove(group, people[2], by=by),
        {"ann", "bob"},
    ),
    "remove an admin": (lambda group, people, by: conversations.remove(group, people[1], by=by), {"ann"}),
    "remove the owner": (lambda group, people, by: conversations.remove(group, people[0], by=by), set()),
    "give a role": (lambda group, people, by: conversations.give(group, people[2], "admin", by=by), {"ann"}),
}


@pytest.mark.parametrize("act", MANAGEMENT)
@pytest.mark.parametrize("who", ["ann", "bob", "cyd", "dan"])
def test_who_manages_a_group(group: Conversation, people: list[Profile], act: str, who: str) -> None:
    verb, allowed = MANAGEMENT[act]
    by = next(one for one in people if one.handle == who)
    before = roles(group)
    if who in allowed:
        verb(group, people, by)
        return
    with pytest.raises(exceptions.NotFound if who == "dan" else exceptions.NotAllowed):
        verb(group, people, by)
    assert roles(group) == before


def test_there_is_one_owner_and_a_new_one_takes_the_place(group: Conversation, people: list[Profile]) -> None:
    ann, _bob, cyd, _ = people
    conversations.give(group, cyd, "owner", by=ann)
    assert roles(group) == {"ann": "admin", "bob": "admin", "cyd": "owner"}
    with pytest.raises(exceptions.NotAllowed):
        conversations.give(group, ann, "owner", by=ann)
    with pytest.raises(exceptions.InvalidChoice):
        conversations.give(group, ann, "king", by=cyd)


def test_who_leaves_hands_over_to_the_longest_serving(group: Conversation, people: list[Profile]) -> None:
    ann, bob, cyd, _ = people
    conversations.leave(group, by=ann)
    assert roles(group) == {"bob": "owner", "cyd": "member"}
    conversations.leave(group, by=bob)
    assert roles(group) == {"cyd": "owner"}
    conversations.leave(group, by=cyd)
    assert roles(group) == {}
    with pytest.raises(exceptions.NotFound):
        conversations.leave(group, by=cyd)


def test_who_comes_back_is_a_member_on_the_same_row(group: Conversation, people: list[Profile]) -> None:
    ann, bob, _, _ = people
    conversations.leave(group, by=bob)
    conversations.add(group, [bob, bob], by=ann)
    assert roles(group) == {"ann": "owner", "bob": "member", "cyd": "member"}
    assert Participant.objects.filter(conversation=group, profile=bob).count() == 1


def test_a_group_is_full_at_some_point(
    group: Conversation, people: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "GROUP_MOST", 4)
    conversations.add(group, [people[3]], by=people[0])
    with pytest.raises(exceptions.ConversationFull):
        conversations.add(group, [ProfileFactory()], by=people[0])
    assert len(roles(group)) == 4


def test_the_suspended_begin_nothing(people: list[Profile]) -> None:
    ann, bob, _, _ = people
    profiles.suspend(ann)
    with pytest.raises(exceptions.Suspended):
        conversations.direct(ann, bob)
    with pytest.raises(exceptions.Suspended):
        conversations.group(ann, title="Tea")
    assert not Conversation.objects.exists()


def test_a_list_is_one_query_with_what_is_unread(
    people: list[Profile], group: Conversation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ann, bob, cyd, _ = people
    pair = conversations.direct(ann, cyd)
    messages.send(pair, by=cyd, text="One")
    messages.send(pair, by=cyd, text="Two")
    messages.send(group, by=ann, text="Mine")
    messages.delete(messages.send(group, by=bob, text="Gone"), by=bob)
    messages.send(group, by=bob, text="Three")
    with django_assert_num_queries(1):
        found = [(row, row.unread, row.high and row.high.name) for row in conversations.listing(ann)]
    assert [(row, unread) for row, unread, _ in found] == [(group, 1), (pair, 2)]
    messages.read(pair, by=ann)
    assert [row.unread for row in conversations.listing(ann)] == [1, 0]
    conversations.leave(group, by=ann)
    assert list(conversations.listing(ann)) == [pair]


def test_another_tenant_sees_none(two_tenants: tuple[Entry, Entry]) -> None:
    with context.use(two_tenants[0]):
        made = conversations.direct(ProfileFactory(), ProfileFactory())
        key = made.pk
    with context.use(two_tenants[1]):
        assert not Conversation.objects.exists()
        with pytest.raises(exceptions.NotFound):
            conversations.part(Conversation(pk=key), ProfileFactory())


def test_fifty_at_once_begin_one_conversation(module_db: str, globex: Entry) -> None:
    with context.use(globex):
        pair = [ProfileFactory(), ProfileFactory()]

    def begin(number: int) -> None:
        messages.send(
            conversations.direct(pair[number % 2], pair[1 - number % 2]), by=pair[number % 2], text="Hi"
        )

    assert at_once(globex, 50, begin) == []
    with context.use(globex):
        assert Conversation.objects.count() == 1
        assert Participant.objects.count() == 2
        assert len(messages.listing(Conversation.objects.get(), by=pair[0])) == 50
