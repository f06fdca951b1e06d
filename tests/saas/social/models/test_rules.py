"""What the database refuses by itself, whoever writes; each rule with a neighbour that it lets through."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connections, models, router
from django.utils import timezone

from saas.social import constraints, exceptions
from saas.social.models import (
    Block,
    Comment,
    Conversation,
    Decision,
    Follow,
    Hashtag,
    Like,
    Message,
    Notification,
    Participant,
    Post,
    PostDay,
    PostMedia,
    Profile,
    Report,
)
from tenants.directory import Entry
from tests.saas.social.factories import CommentFactory, PostFactory, ProfileFactory, VisitorFactory

NOW = timezone.now()
Made = dict[str, Any]


@pytest.fixture
def made(acme: Entry) -> Made:
    """Return rows to point at: two profiles in the order of their ids, a post of the first, a comment, a conversation."""
    ann, bob = sorted((ProfileFactory(handle="ann"), ProfileFactory(handle="bob")), key=lambda one: one.pk)
    post = PostFactory(author=ann)
    group = Conversation.objects.create(title="Tea")
    Participant.objects.create(conversation=group, profile=ann, role="owner")
    return {
        "ann": ann,
        "bob": bob,
        "post": post,
        "other_post": PostFactory(author=ann),
        "comment": CommentFactory(post=post),
        "group": group,
        "visitor": VisitorFactory(),
    }


Case = tuple[str, type[models.Model], Callable[[Made], Made]]
REFUSED: list[Case] = [
    ("social_profile_handle_format", Profile, lambda m: {"visitor": m["visitor"], "handle": "a b", "name": "x"}),
    ("social_profile_handle_unique", Profile, lambda m: {"visitor": m["visitor"], "handle": "ANN", "name": "x"}),
    ("social_profile_name_not_blank", Profile, lambda m: {"visitor": m["visitor"], "handle": "new", "name": " "}),
    ("social_profile_privacy_known", Profile, lambda m: {"visitor": m["visitor"], "handle": "new", "name": "x", "privacy": "x"}),
    ("social_profile_counters_not_negative", Profile, lambda m: {"visitor": m["visitor"], "handle": "new", "name": "x", "posts": -1}),
    ("social_post_says_something", Post, lambda m: {"author": m["ann"], "text": ""}),
    ("social_post_says_something", Post, lambda m: {"author": m["ann"], "text": " ", "files": 1}),
    ("social_post_files_few", Post, lambda m: {"author": m["ann"], "files": 11}),
    ("social_post_visibility_known", Post, lambda m: {"author": m["ann"], "text": "x", "visibility": "x"}),
    ("social_post_reply_in_thread", Post, lambda m: {"author": m["ann"], "text": "x", "reply_to": m["post"]}),
    ("social_post_reply_in_thread", Post, lambda m: {"author": m["ann"], "text": "x", "root": m["post"]}),
    ("social_post_not_own_repost", Post, lambda m: {"author": m["ann"], "text": "x", "id": m["visitor"].pk, "repost_of_id": m["visitor"].pk}),
    ("social_post_counters_not_negative", Post, lambda m: {"author": m["ann"], "text": "x", "likes": -1}),
    ("social_postmedia_kind_known", PostMedia, lambda m: {"post": m["post"], "kind": "x", "path": "a"}),
    ("social_postmedia_path_format", PostMedia, lambda m: {"post": m["post"], "kind": "image", "path": "/a"}),
    ("social_postmedia_few", PostMedia, lambda m: {"post": m["post"], "kind": "image", "path": "a", "position": 10}),
    ("social_follow_not_oneself", Follow, lambda m: {"follower": m["ann"], "followee": m["ann"]}),
    ("social_follow_accepted_after_request", Follow, lambda m: {"follower": m["ann"], "followee": m["bob"], "requested_at": NOW, "accepted_at": NOW - timedelta(days=1)}),
    ("social_block_not_oneself", Block, lambda m: {"blocker": m["ann"], "blocked": m["ann"]}),
    ("social_comment_text_not_blank", Comment, lambda m: {"post": m["post"], "author": m["ann"], "text": " "}),
    ("social_comment_reply_in_post", Comment, lambda m: {"post": m["other_post"], "author": m["ann"], "text": "x", "reply_to": m["comment"]}),
    ("social_comment_not_own_reply", Comment, lambda m: {"post": m["post"], "author": m["ann"], "text": "x", "id": m["visitor"].pk, "reply_to_id": m["visitor"].pk}),
    ("social_hashtag_name_not_blank", Hashtag, lambda _: {"name": " "}),
    ("social_hashtag_counters_not_negative", Hashtag, lambda _: {"name": "x", "score": -1}),
    ("social_conversation_direct_or_group", Conversation, lambda _: {}),
    ("social_conversation_direct_or_group", Conversation, lambda m: {"low": m["bob"], "high": m["ann"]}),
    ("social_conversation_direct_or_group", Conversation, lambda m: {"low": m["ann"], "high": m["bob"], "title": "x"}),
    ("social_conversation_direct_or_group", Conversation, lambda m: {"low": m["ann"], "title": "x"}),
    ("social_participant_role_known", Participant, lambda m: {"conversation": m["group"], "profile": m["bob"], "role": "x"}),
    ("social_participant_one_owner", Participant, lambda m: {"conversation": m["group"], "profile": m["bob"], "role": "owner"}),
    ("social_participant_unique", Participant, lambda m: {"conversation": m["group"], "profile": m["ann"]}),
    ("social_message_author_takes_part", Message, lambda m: {"conversation": m["group"], "author": m["bob"], "text": "x"}),
    ("social_message_text_until_deleted", Message, lambda m: {"conversation": m["group"], "author": m["ann"], "text": ""}),
    ("social_message_text_until_deleted", Message, lambda m: {"conversation": m["group"], "author": m["ann"], "text": "x", "deleted_at": NOW}),
    ("social_notification_event_has_its_subject", Notification, lambda m: {"recipient": m["ann"], "actor": m["bob"], "event": "like"}),
    ("social_notification_event_has_its_subject", Notification, lambda m: {"recipient": m["ann"], "actor": m["bob"], "event": "follow", "post": m["post"]}),
    ("social_report_one_subject", Report, lambda m: {"reporter": m["ann"], "reason": "spam"}),
    ("social_report_one_subject", Report, lambda m: {"reporter": m["ann"], "reason": "spam", "post": m["post"], "comment": m["comment"]}),
    ("social_report_not_oneself", Report, lambda m: {"reporter": m["ann"], "reason": "spam", "profile": m["ann"]}),
    ("social_report_reason_known", Report, lambda m: {"reporter": m["ann"], "reason": "x", "profile": m["bob"]}),
    ("social_report_decided_with_date", Report, lambda m: {"reporter": m["ann"], "reason": "spam", "profile": m["bob"], "decided_at": NOW}),
    ("social_decision_action_known", Decision, lambda m: {"action": "x", "by": "x", "post": m["post"]}),
    ("social_decision_by_not_blank", Decision, lambda m: {"action": "warn", "by": " ", "post": m["post"]}),
    ("social_decision_one_subject", Decision, lambda _: {"action": "warn", "by": "x"}),
    ("social_postday_counts_not_negative", PostDay, lambda m: {"post": m["post"], "day": NOW.date(), "views": -1}),
]  # fmt: skip
TWICE: list[Case] = [
    ("social_post_one_pinned", Post, lambda m: {"author": m["ann"], "text": "x", "pinned_at": NOW}),
    ("social_post_reposted_once", Post, lambda m: {"author": m["ann"], "repost_of": m["post"]}),
    ("social_follow_unique", Follow, lambda m: {"follower": m["ann"], "followee": m["bob"]}),
    ("social_block_unique", Block, lambda m: {"blocker": m["ann"], "blocked": m["bob"]}),
    ("social_like_unique", Like, lambda m: {"post": m["post"], "profile": m["bob"]}),
    ("social_hashtag_name_unique", Hashtag, lambda _: {"name": "tea"}),
    ("social_conversation_pair_unique", Conversation, lambda m: {"low": m["ann"], "high": m["bob"]}),
    ("social_notification_group_unique", Notification, lambda m: {"recipient": m["ann"], "actor": m["bob"], "event": "follow"}),
    ("social_report_open_once", Report, lambda m: {"reporter": m["bob"], "reason": "spam", "post": m["post"]}),
    ("social_postday_unique", PostDay, lambda m: {"post": m["post"], "day": NOW.date()}),
]  # fmt: skip
# What takes a row out of the way of the next one.
OUT_OF_THE_WAY = {
    "social_post_one_pinned": {"deleted_at": NOW},
    "social_post_reposted_once": {"deleted_at": NOW},
    "social_notification_group_unique": {"read_at": NOW},
}


@pytest.mark.parametrize(
    ("constraint", "model", "fields"), REFUSED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_database_refuses(
    made: Made, constraint: str, model: type[models.Model], fields: Callable[[Made], Made]
) -> None:
    expected: type[Exception] = constraints.ERRORS.get(constraint, IntegrityError)
    with pytest.raises(expected) as caught, constraints.translated():
        model._default_manager.create(**fields(made))
    cause = caught.value if isinstance(caught.value, IntegrityError) else caught.value.__cause__
    assert isinstance(cause, IntegrityError)
    assert constraints.name_of(cause) == constraint


@pytest.mark.parametrize(
    ("constraint", "model", "fields"), TWICE, ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_database_takes_it_once(
    made: Made, constraint: str, model: type[models.Model], fields: Callable[[Made], Made]
) -> None:
    first = model._default_manager.create(**fields(made))
    expected: type[Exception] = constraints.ERRORS.get(constraint, IntegrityError)
    with pytest.raises(expected) as caught, constraints.translated():
        model._default_manager.create(**fields(made))
    cause = caught.value if isinstance(caught.value, IntegrityError) else caught.value.__cause__
    assert isinstance(cause, IntegrityError)
    assert constraints.name_of(cause) == constraint
    if constraint in OUT_OF_THE_WAY:
        model._default_manager.filter(pk=first.pk).update(**OUT_OF_THE_WAY[constraint])
        model._default_manager.create(**fields(made))


def test_a_follow_between_blocked_ones_is_refused_by_its_trigger(made: Made) -> None:
    Block.objects.create(blocker=made["ann"], blocked=made["bob"])
    for one, other in (("ann", "bob"), ("bob", "ann")):
        with pytest.raises(exceptions.Blocked), constraints.translated():
            Follow.objects.create(follower=made[one], followee=made[other])
    Follow.objects.create(follower=made["ann"], followee=ProfileFactory())


def test_every_error_that_is_mapped_is_a_constraint_or_a_trigger(acme: Entry) -> None:
    with connections[router.db_for_write(Post)].cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace"
            " UNION SELECT tgname FROM pg_trigger UNION SELECT indexname FROM pg_indexes"
        )
        known = {str(name) for (name,) in cursor.fetchall()}
    assert set(constraints.ERRORS) <= known


def test_functions_name_no_schema_and_keys_are_made_in_python(acme: Entry) -> None:
    with connections[router.db_for_write(Post)].cursor() as cursor:
        cursor.execute(
            "SELECT current_schema(), string_agg(prosrc, '') FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'social_%%'"
        )
        [(schema, source)] = cursor.fetchall()
    assert schema not in source
    assert "public." not in source
    assert "search_path" not in source
    for model in apps.get_app_config("social").get_models():
        assert isinstance(model._meta.pk, models.UUIDField | models.OneToOneField)
