"""What a text names: hashtags and handles. Pure; the same text always names the same, in every script."""

import re
import unicodedata
from collections.abc import Iterator

from saas.social import values

SIGNS = "#\uff03"  # and the wide one of East Asian keyboards
JOINERS = "\u200c\u200d"  # inside words of Persian and Indic scripts
MOST = 50  # names of one kind in one text; what stands beyond them is text

HANDLE = re.compile(r"(?<![\w@/.])@([A-Za-z][A-Za-z0-9_]{2,29})(?![\w@])")


def mentions(text: str) -> tuple[str, ...]:
    """Return the handles that text names by `@`, in small letters, each once, at most MOST, in their order."""
    return tuple(dict.fromkeys(found.lower() for found in HANDLE.findall(text)))[:MOST]


def hashtags(text: str) -> tuple[str, ...]:
    """Return the hashtags of text as `hashtag` spells them, each once, at most MOST, in their order."""
    return tuple(dict.fromkeys(filter(None, map(hashtag, _words(text)))))[:MOST]


def hashtag(word: str) -> str | None:
    """Return how all spellings of a hashtag are stored, None for what is none: without a letter, or too long.

    Compatible forms and cases count as the same (NFKC and full case folding, until nothing changes any more).
    """
    before, folded = "", word.strip(JOINERS)
    while before != folded:
        before = folded
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold())
    if len(folded) > values.TAG_LENGTH or not all(map(_in_word, folded)):
        return None
    return folded if any(unicodedata.category(sign).startswith("L") for sign in folded) else None


def _words(text: str) -> Iterator[str]:
    """Yield what follows each sign that begins a word: `a#b` and `##b` have none, nor has `&#39;`."""
    before, at = "", 0
    while at < len(text):
        if text[at] not in SIGNS or (before in SIGNS + "&" and before) or _in_word(before):
            before, at = text[at], at + 1
            continue
        end = at + 1
        while end < len(text) and _in_word(text[end]):
            end += 1
        # A sign right behind it makes it something else: #a#b.
        if end > at + 1 and (end == len(text) or text[end] not in SIGNS):
            yield text[at + 1 : end]
        before, at = text[end - 1], end


def _in_word(sign: str) -> bool:
    """Letters, marks, digits, underscores and joiners; marks too, without which Hindi has no words."""
    return bool(sign) and (sign in "_" + JOINERS or unicodedata.category(sign)[0] in "LMN")
