"""Values of the community, one by one: the first that fits, and the first that does not."""

from collections.abc import Callable

import pytest

from saas.social import exceptions, values


@pytest.mark.parametrize(
    ("check", "right", "wrong", "error"),
    [
        (
            values.handle,
            ["ann", "A_9", "x" * 30],
            ["an", "x" * 31, "1ab", "_ab", "é12", "a b", "ann\n", 7],
            exceptions.InvalidHandle,
        ),
        (
            values.name,
            ["x", "Ann Ö", "x" * 100],
            ["", " \t", "x" * 101, "a\x00", None],
            exceptions.InvalidName,
        ),
        (values.bio, ["", "x" * 500], ["x" * 501, "\ud800", 7], exceptions.InvalidBio),
        (values.text, ["x", "x" * 5000], ["", "\n", "x" * 5001, "a\x00b"], exceptions.InvalidText),
        (values.optional_text, ["", "x"], [" ", "x" * 5001], exceptions.InvalidText),
        (values.title, ["x" * 200], ["", "x" * 201], exceptions.InvalidTitle),
        (values.path, ["a/b.png"], ["", "/etc", "a b", "x" * 501], exceptions.InvalidMedia),
        (values.alt, ["", "x" * 1000], ["x" * 1001], exceptions.InvalidMedia),
        (values.note, ["", "x" * 2000], ["x" * 2001], exceptions.InvalidNote),
    ],
)
def test_what_fits_comes_back_and_what_does_not_is_refused(
    check: Callable[[object], str],
    right: list[object],
    wrong: list[object],
    error: type[exceptions.InvalidValue],
) -> None:
    assert [check(value) for value in right] == right
    for value in wrong:
        with pytest.raises(error):
            check(value)
