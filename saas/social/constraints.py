"""The database's constraints by name, and the error of the community that each of them means."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import IntegrityError, router, transaction

from saas.social import exceptions
from saas.social.models import Profile

ERRORS: dict[str, type[exceptions.SocialError]] = {
    "social_profile_pkey": exceptions.DuplicateProfile,
    "social_profile_handle_format": exceptions.InvalidHandle,
    "social_profile_handle_unique": exceptions.DuplicateHandle,
    "social_profile_name_not_blank": exceptions.InvalidName,
    "social_profile_privacy_known": exceptions.InvalidChoice,
    "social_post_says_something": exceptions.InvalidText,
    "social_post_files_few": exceptions.InvalidMedia,
    "social_post_visibility_known": exceptions.InvalidChoice,
    "social_post_reply_in_thread": exceptions.InvalidReply,
    "social_post_not_own_repost": exceptions.NotRepostable,
    "social_post_one_pinned": exceptions.DuplicatePin,
    "social_post_reposted_once": exceptions.DuplicateRepost,
    "social_postmedia_kind_known": exceptions.InvalidMedia,
    "social_postmedia_path_format": exceptions.InvalidMedia,
    "social_postmedia_few": exceptions.InvalidMedia,
    "social_postedit_written_once": exceptions.AppendOnly,
    "social_follow_not_oneself": exceptions.NotOneself,
    "social_follow_not_blocked": exceptions.Blocked,
    "social_block_not_oneself": exceptions.NotOneself,
    "social_comment_text_not_blank": exceptions.InvalidText,
    "social_comment_not_own_reply": exceptions.InvalidReply,
    "social_comment_reply_in_post": exceptions.InvalidReply,
    "social_conversation_direct_or_group": exceptions.InvalidTitle,
    "social_participant_role_known": exceptions.InvalidChoice,
    "social_message_text_until_deleted": exceptions.InvalidText,
    "social_message_not_own_reply": exceptions.InvalidReply,
    "social_message_reply_in_conversation": exceptions.InvalidReply,
    "social_message_author_takes_part": exceptions.NotFound,
    "social_report_reason_known": exceptions.InvalidChoice,
    "social_report_not_oneself": exceptions.NotOneself,
    "social_report_open_once": exceptions.DuplicateReport,
    "social_report_decided_once": exceptions.AlreadyDecided,
    "social_decision_action_known": exceptions.InvalidChoice,
    "social_decision_written_once": exceptions.AppendOnly,
    "social_moderationentry_written_once": exceptions.AppendOnly,
}


@contextmanager
def translated() -> Iterator[None]:
    """A savepoint in which a violated constraint becomes the community's error; others pass through unchanged."""
    try:
        with transaction.atomic(using=router.db_for_write(Profile)):
            yield
    except IntegrityError as error:
        meaning = ERRORS.get(name_of(error))
        if meaning is None:
            raise
        raise meaning from error


def name_of(error: IntegrityError) -> str:
    """Return the name of the constraint that was violated, '' when the database names none."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""
