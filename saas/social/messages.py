"""Messages: write, answer, edit, delete, read."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import router, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from saas.social import constraints, conversations, exceptions, profiles, values, visibility
from saas.social.models import Conversation, Message, Participant, Profile


def send(conversation: Conversation, *, by: Profile, text: str, reply_to: Message | None = None) -> Message:
    """Write into a conversation that one takes part in.

    Raises InvalidText, InvalidReply, NotFound, Blocked in a direct one, Suspended.
    """
    made = Message(conversation=conversation, author=by, text=values.text(text), reply_to=reply_to)
    with constraints.translated():
        _refuse(conversations.part(conversation, by).conversation, by)
        if reply_to is not None and not Message.objects.filter(pk=reply_to.pk, deleted_at=None).exists():
            raise exceptions.InvalidReply
        made.save(force_insert=True)
        Conversation.objects.filter(pk=conversation.pk).update(
            last_message_at=Greatest(F("last_message_at"), made.created_at)
        )
    return made


def edit(message: Message, *, by: Profile, text: str) -> Message:
    """Say it in other words. Raises InvalidText, NotFound, NotYours, Blocked, Suspended."""
    wanted = values.text(text)
    with _locked(message, by):
        if message.author_id != by.pk:
            raise exceptions.NotYours
        _refuse(message.conversation, by)
        message.text, message.edited_at = wanted, timezone.now()
        message.save(update_fields=["text", "edited_at"])
    return message


def delete(message: Message, *, by: Profile) -> None:
    """Take the words away; the place stays. Its author may, in a group its owner and admins too.

    Raises NotFound, NotYours.
    """
    with _locked(message, by):
        if message.author_id != by.pk:
            mine = conversations.part(message.conversation, by)
            if mine.role not in conversations.MANAGERS:
                raise exceptions.NotYours
        hide(message)


def hide(message: Message) -> None:
    """What `delete` does, for whoever may do it to others' messages; deleted already, it keeps its date."""
    now = timezone.now()
    if Message.objects.filter(pk=message.pk, deleted_at=None).update(text="", deleted_at=now):
        message.text, message.deleted_at = "", now


def listing(conversation: Conversation, *, by: Profile) -> QuerySet[Message]:
    """Return the messages of a conversation that one takes part in, newest first, with authors; deleted ones are empty.

    Raises NotFound.
    """
    conversations.part(conversation, by)
    found = Message.objects.filter(conversation=conversation).select_related("author")
    return found.order_by("-created_at", "-id")


def read(conversation: Conversation, *, by: Profile, until: datetime | None = None) -> None:
    """Have read all up to a moment, now if not given; never less than before. Raises NotFound."""
    moment = min(until or timezone.now(), timezone.now())
    conversations.part(conversation, by)
    Participant.objects.filter(conversation=conversation, profile=by).update(
        read_at=Greatest(Coalesce("read_at", "joined_at"), moment)
    )


def unread(conversation: Conversation, *, by: Profile) -> int:
    """Return how many messages of others there are that one has not read. Raises NotFound."""
    mine = conversations.part(conversation, by)
    found = Message.objects.filter(conversation=conversation, deleted_at=None).exclude(author=by)
    return found.filter(created_at__gt=mine.read_at or mine.conversation.created_at).count()


def readers(message: Message, *, by: Profile) -> QuerySet[Participant]:
    """Return who of the others has read message, with profiles. Raises NotFound."""
    conversations.part(message.conversation, by)
    rows = Participant.objects.filter(conversation=message.conversation_id, read_at__gte=message.created_at)
    return rows.exclude(profile=message.author_id).select_related("profile").order_by("read_at", "id")


def _refuse(conversation: Conversation, by: Profile) -> None:
    """Raise Suspended, and Blocked where the two of a direct conversation have nothing to do with each other."""
    profiles.refuse_suspended(by)
    low, high = conversation.low, conversation.high
    if low is not None and high is not None and visibility.between(low, high):
        raise exceptions.Blocked


@contextmanager
def _locked(message: Message, by: Profile) -> Iterator[None]:
    """Lock a message of a conversation that by takes part in, and read it again. Raises NotFound."""
    with transaction.atomic(using=router.db_for_write(Message)):
        message.refresh_from_db(from_queryset=Message.objects.select_for_update(no_key=True))
        conversations.part(message.conversation, by)
        if message.deleted_at is not None:
            raise exceptions.NotFound("There is no such message, or not for you.")
        yield
