"""An address and a password as they may be; what the database would refuse as well is refused here first."""

import pytest

from saas.visitors import exceptions, values


@pytest.mark.parametrize("email", ["a@b", " ann@example.com ", "ann+shop@example.com", "ü@example.com"])
def test_an_address_is_kept_without_blanks_around(email: str) -> None:
    assert values.email(email) == email.strip()


@pytest.mark.parametrize(
    "email",
    ["", "ann", "@b", "a@", "a@b@c", "a b@c", "a@b\nc@d", "a\x00@b", "a\u200b@b", "a" * 254 + "@b", None, 7],
)
def test_no_address_is_refused(email: object) -> None:
    with pytest.raises(exceptions.InvalidEmail):
        values.email(email)


def test_an_address_may_have_254_characters() -> None:
    longest = "a" * 252 + "@b"
    assert values.email(longest) == longest


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1_025, "long enough \udc00", None, 12345678])
def test_no_password_is_refused(password: object) -> None:
    with pytest.raises(exceptions.InvalidPassword):
        values.password(password)


@pytest.mark.parametrize("password", ["12345678", "x" * 1_024, "spaces are fine ", "\x00\x01 control"])
def test_a_password_is_kept_as_it_is(password: str) -> None:
    assert values.password(password) == password
