"""What the community refuses; every docstring is the default message and says how to repair it."""

import inspect


class SocialError(Exception):
    """The community refused this. Nothing was changed."""

    code = "social_error"
    field: str | None = None

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))
        self.field = field or self.field


class InvalidValue(SocialError):
    """A value cannot be stored. Correct the field that is named."""

    code = "invalid_value"


class InvalidHandle(InvalidValue):
    """A handle is 3 to 30 ASCII letters, digits and underscores, and begins with a letter."""

    code = "invalid_handle"
    field = "handle"


class InvalidName(InvalidValue):
    """A name is 1 to 100 characters that are not all blank."""

    code = "invalid_name"
    field = "name"


class InvalidBio(InvalidValue):
    """A description of oneself is text of at most 500 characters."""

    code = "invalid_bio"
    field = "bio"


class InvalidText(InvalidValue):
    """A text is 1 to 5,000 characters that are not all blank; a post with files or a repost may have none."""

    code = "invalid_text"
    field = "text"


class InvalidTitle(InvalidValue):
    """A group has a title of 1 to 200 characters that are not all blank; a direct conversation has none."""

    code = "invalid_title"
    field = "title"


class InvalidMedia(InvalidValue):
    """A post has at most 10 files; each names a stored file and says what it shows in at most 1,000 characters."""

    code = "invalid_media"
    field = "media"


class InvalidChoice(InvalidValue):
    """This is none of the values that the field may have. Choose one of them."""

    code = "invalid_choice"


class InvalidNote(InvalidValue):
    """A note is text of at most 2,000 characters."""

    code = "invalid_note"
    field = "note"


class InvalidReply(InvalidValue):
    """A reply answers something of the same post or conversation that is not deleted. Reply to another one."""

    code = "invalid_reply"
    field = "reply_to"


class Duplicate(SocialError):
    """There is one already. Use that one."""

    code = "duplicate"


class DuplicateHandle(Duplicate):
    """Another profile has this handle; capitals and small letters count as the same. Choose another handle."""

    code = "duplicate_handle"
    field = "handle"


class DuplicateProfile(Duplicate):
    """This visitor has a profile already. Change that one."""

    code = "duplicate_profile"


class DuplicateRepost(Duplicate):
    """You have reposted this already. Quote it to say something about it."""

    code = "duplicate_repost"


class DuplicatePin(Duplicate):
    """Another post is pinned already. Take that one off first."""

    code = "duplicate_pin"


class DuplicateReport(Duplicate):
    """You have reported this already, and nobody has decided yet. Wait for the decision."""

    code = "duplicate_report"


class NotOneself(SocialError):
    """Nobody follows, blocks, reports or writes to themselves. Choose somebody else."""

    code = "not_oneself"


class Blocked(SocialError):
    """One of the two has blocked the other. Nothing passes between them until the block is lifted."""

    code = "blocked"


class NotFound(SocialError):
    """There is no such thing, or not for you."""

    code = "not_found"


class NotYours(SocialError):
    """Only who wrote this may change or delete it."""

    code = "not_yours"


class NotAllowed(SocialError):
    """Your role in this conversation does not allow this. Ask an admin or the owner of it."""

    code = "not_allowed"


class NotRepostable(SocialError):
    """Only public posts of public profiles can be reposted. Quote nothing that was not said to everybody."""

    code = "not_repostable"


class Suspended(SocialError):
    """This profile was suspended by the moderators. Ask them to lift it."""

    code = "suspended"


class ConversationFull(SocialError):
    """A conversation has at most 256 people. Remove somebody first."""

    code = "conversation_full"


class DirectConversation(SocialError):
    """A direct conversation is of these two. Make a group to write with more."""

    code = "direct_conversation"


class AppendOnly(SocialError):
    """What was recorded is not changed or deleted. Record what happened since."""

    code = "append_only"


class AlreadyDecided(SocialError):
    """The moderators have decided this report. File a new one if it happens again."""

    code = "already_decided"
