"""Conversations: of two, or of a group whose owner and admins say who takes part."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import router, transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from saas.social import constraints, exceptions, profiles, values, visibility
from saas.social.models import Conversation, Message, Participant, Profile
from saas.social.models.conversations import ParticipantRole

MANAGERS = (ParticipantRole.OWNER, ParticipantRole.ADMIN)


def direct(one: Profile, other: Profile) -> Conversation:
    """Return the conversation of two, made when they have none; there is one, whoever begins, also at once.

    Raises NotOneself, Blocked, Suspended.
    """
    if one.pk == other.pk:
        raise exceptions.NotOneself
    _refuse_blocked(one, [other])
    low, high = sorted((one, other), key=lambda profile: profile.pk)
    with constraints.translated():
        profiles.refuse_suspended(one)
        found, _ = Conversation.objects.get_or_create(low=low, high=high)
        both = [Participant(conversation=found, profile=profile) for profile in (low, high)]
        Participant.objects.bulk_create(both, ignore_conflicts=True)
    return found


def group(owner: Profile, *, title: str, members: Iterable[Profile] = ()) -> Conversation:
    """Make a group. Raises InvalidTitle, Blocked, ConversationFull, Suspended."""
    found = Conversation(title=values.title(title), members=[owner.pk])  # who may see it until others do
    with constraints.translated():
        profiles.refuse_suspended(owner)
        found.save(force_insert=True)
        Participant.objects.create(conversation=found, profile=owner, role=ParticipantRole.OWNER)
        add(found, members, by=owner)
    return found


def rename(conversation: Conversation, *, by: Profile, title: str) -> Conversation:
    """Give a group another title. Raises InvalidTitle, NotAllowed, NotFound, DirectConversation."""
    wanted = values.title(title)
    with _managed(conversation, by):
        Conversation.objects.filter(pk=conversation.pk).update(title=wanted)
    conversation.title = wanted
    return conversation


def add(conversation: Conversation, members: Iterable[Profile], *, by: Profile) -> None:
    """Let people take part, also those who left. Raises NotAllowed, NotFound, Blocked, ConversationFull."""
    new = {member.pk: member for member in members}
    with _managed(conversation, by):
        _refuse_blocked(by, new.values())
        rows = Participant.objects.filter(conversation=conversation)
        back = rows.filter(profile__in=new).exclude(left_at=None)
        back.update(left_at=None, joined_at=timezone.now(), role=ParticipantRole.MEMBER)
        Participant.objects.bulk_create(
            [Participant(conversation=conversation, profile=member) for member in new.values()],
            ignore_conflicts=True,
        )
        if rows.filter(left_at=None).count() > values.GROUP_MOST:
            raise exceptions.ConversationFull


def remove(conversation: Conversation, member: Profile, *, by: Profile) -> None:
    """End somebody's part in a group: admins may end a member's, the owner everybody's. Raises NotAllowed, NotFound."""
    with _managed(conversation, by) as mine:
        theirs = part(conversation, member)
        if (mine.role != ParticipantRole.OWNER and theirs.role != ParticipantRole.MEMBER) or theirs == mine:
            raise exceptions.NotAllowed
        _write(theirs, left_at=timezone.now())


def leave(conversation: Conversation, *, by: Profile) -> None:
    """Leave a group. The longest-serving admin, else member, becomes the owner in the owner's place.

    Raises NotFound, DirectConversation.
    """
    with _locked(conversation):
        mine = part(conversation, by)
        _write(mine, left_at=timezone.now(), role=ParticipantRole.MEMBER)
        if mine.role == ParticipantRole.OWNER:
            rest = Participant.objects.filter(conversation=conversation, left_at=None)
            heir = rest.order_by("role", "joined_at", "id").first()  # "admin" comes before "member"
            if heir is not None:
                _write(heir, role=ParticipantRole.OWNER)


def give(conversation: Conversation, member: Profile, role: str, *, by: Profile) -> None:
    """Give a member of a group a role; only its owner may. A new owner takes the place of the old one, an admin then.

    Raises InvalidChoice, NotAllowed, NotFound, DirectConversation.
    """
    if role not in ParticipantRole.values:
        raise exceptions.InvalidChoice(field="role")
    with _managed(conversation, by) as mine:
        theirs = part(conversation, member)
        if mine.role != ParticipantRole.OWNER or theirs == mine:
            raise exceptions.NotAllowed
        if role == ParticipantRole.OWNER:
            _write(mine, role=ParticipantRole.ADMIN)
        _write(theirs, role=role)


def part(conversation: Conversation, profile: Profile) -> Participant:
    """Return the row of somebody who takes part now. Raises NotFound, as for a conversation that there is not."""
    rows = Participant.objects.select_related("conversation")
    found = rows.filter(conversation=conversation, profile=profile, left_at=None).first()
    if found is None:
        raise exceptions.NotFound("There is no such conversation, or not for you.")
    return found


def listing(profile: Profile) -> QuerySet[Any]:
    """Return the conversations that profile takes part in, last message first, with how many are `unread`; one query.

    Without direct ones between two of whom one has blocked the other.
    """
    mine = Participant.objects.filter(profile=profile, left_at=None)
    found = Conversation.objects.filter(pk__in=mine.values("conversation"))
    found = _unblocked(found, profile).select_related("low", "high")
    read_at = mine.filter(conversation=OuterRef("conversation")).values("read_at")[:1]
    unread = Message.objects.filter(conversation=OuterRef("pk"), deleted_at=None).exclude(author=profile)
    unread = unread.filter(created_at__gt=Coalesce(Subquery(read_at), F("conversation__created_at")))
    count = unread.order_by().values("conversation").annotate(n=Count("pk")).values("n")
    return found.annotate(unread=Coalesce(Subquery(count), 0)).order_by("-last_message_at", "-id")


def participants(conversation: Conversation, *, by: Profile) -> QuerySet[Participant]:
    """Return who takes part, in the order of joining, with profiles. Raises NotFound."""
    part(conversation, by)
    rows = Participant.objects.filter(conversation=conversation, left_at=None)
    return rows.select_related("profile").order_by("joined_at", "id")


def _unblocked(found: QuerySet[Conversation], profile: Profile) -> QuerySet[Conversation]:
    clear_low = visibility.without_blocked(Profile.objects.filter(pk=OuterRef("low")), profile, path="")
    clear_high = visibility.without_blocked(Profile.objects.filter(pk=OuterRef("high")), profile, path="")
    both = Q(low=profile) & Q(high__in=clear_high.values("pk"))
    return found.filter(Q(low=None) | both | Q(high=profile) & Q(low__in=clear_low.values("pk")))


def _refuse_blocked(by: Profile, others: Iterable[Profile]) -> None:
    """Raise Blocked when one of others and by have nothing to do with each other, NotFound for who is suspended."""
    wanted = {other.pk for other in others} - {by.pk}
    rows = Profile.objects.filter(pk__in=wanted)
    if visibility.without_blocked(rows, by, path="").count() < len(wanted):
        raise exceptions.Blocked


@contextmanager
def _managed(conversation: Conversation, by: Profile) -> Iterator[Participant]:
    """Lock a group that by may manage. Raises NotFound, NotAllowed, DirectConversation."""
    with _locked(conversation):
        mine = part(conversation, by)
        if mine.role not in MANAGERS:
            raise exceptions.NotAllowed
        yield mine


@contextmanager
def _locked(conversation: Conversation) -> Iterator[None]:
    """Lock a group until the transaction ends, so that who takes part and how is changed one after the other."""
    with constraints.translated(), transaction.atomic(using=router.db_for_write(Conversation)):
        found = Conversation.objects.select_for_update(no_key=True).filter(pk=conversation.pk).first()
        if found is None:
            raise exceptions.NotFound("There is no such conversation, or not for you.")
        if found.is_direct:
            raise exceptions.DirectConversation
        yield


def _write(participant: Participant, **fields: object) -> None:
    Participant.objects.filter(pk=participant.pk).update(**fields)
