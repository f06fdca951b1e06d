"""What one value of the community may be; pure. The database checks it again, against whoever comes another way."""

import re
from collections.abc import Iterable

from saas.social import exceptions

HANDLE_LENGTH = 30
NAME_LENGTH = 100
BIO_LENGTH = 500
TEXT_LENGTH = 5_000
TITLE_LENGTH = 200
ALT_LENGTH = 1_000
PATH_LENGTH = 500
TAG_LENGTH = 100
NOTE_LENGTH = 2_000
MEDIA_MOST = 10  # files of one post
GROUP_MOST = 256  # who take part in one conversation at a time

# Understood alike by Python and PostgreSQL; Python's \S is the stricter one.
NOT_BLANK = r"\S"
# ASCII alone: what looks like another one's handle is another one's handle.
HANDLE = r"^[A-Za-z][A-Za-z0-9_]{2,29}$"
PATH = r"^[^/\s][^\s]*$"


def one_of(choices: Iterable[str]) -> str:
    """Return the pattern of just these words. A list of them in a CHECK would not read back as it was written."""
    return f"^({'|'.join(choices)})$"


def handle(value: object) -> str:
    """Return value. Raises InvalidHandle."""
    found = _text(value, HANDLE_LENGTH, exceptions.InvalidHandle)
    if not re.fullmatch(HANDLE, found):
        raise exceptions.InvalidHandle
    return found


def name(value: object) -> str:
    """Return value, which may not be blank. Raises InvalidName."""
    return _filled(_text(value, NAME_LENGTH, exceptions.InvalidName), exceptions.InvalidName)


def bio(value: object) -> str:
    """Return value. Raises InvalidBio."""
    return _text(value, BIO_LENGTH, exceptions.InvalidBio)


def text(value: object) -> str:
    """Return value, which may not be blank. Raises InvalidText."""
    return _filled(optional_text(value), exceptions.InvalidText)


def optional_text(value: object) -> str:
    """Return value; '' where something else, a file or a repost, is the content. Raises InvalidText."""
    found = _text(value, TEXT_LENGTH, exceptions.InvalidText)
    return found and _filled(found, exceptions.InvalidText)


def title(value: object) -> str:
    """Return value, which may not be blank. Raises InvalidTitle."""
    return _filled(_text(value, TITLE_LENGTH, exceptions.InvalidTitle), exceptions.InvalidTitle)


def alt(value: object) -> str:
    """Return value, what a picture shows. Raises InvalidMedia."""
    return _text(value, ALT_LENGTH, exceptions.InvalidMedia)


def path(value: object) -> str:
    """Return value, the name of a stored file. Raises InvalidMedia."""
    found = _text(value, PATH_LENGTH, exceptions.InvalidMedia)
    if not re.fullmatch(PATH, found):
        raise exceptions.InvalidMedia
    return found


def note(value: object) -> str:
    """Return value. Raises InvalidNote."""
    return _text(value, NOTE_LENGTH, exceptions.InvalidNote)


def _text(value: object, limit: int, error: type[exceptions.InvalidValue]) -> str:
    """PostgreSQL stores neither NUL nor half of a surrogate pair."""
    if not isinstance(value, str) or len(value) > limit or re.search("[\x00\ud800-\udfff]", value):
        raise error
    return value


def _filled(found: str, error: type[exceptions.InvalidValue]) -> str:
    if not re.search(NOT_BLANK, found):
        raise error
    return found
