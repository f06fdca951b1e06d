"""What mails say: every purpose, with all of its values and with the fewest, and what strangers put into values."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest

from tenants import exceptions, letters

LINK = "https://acme.localhost/invitations/accept?token=abc&next=%2F"
HOSTILE = '<script>alert("x")</script> & Söhne'
PURPOSES = sorted(letters.PURPOSES)


def values(purpose: str, *, fewest: bool = False) -> dict[str, str]:
    known = letters.PURPOSES[purpose]
    names = known.required | ({"link"} & known.one_of if fewest else known.optional | known.one_of)
    return {name: LINK if name == "link" else f"the {name}" for name in names}


def render(purpose: str, given: dict[str, Any]) -> letters.Letter:
    order = letters.order(purpose, "you@acme.example", given)
    return letters.render(order.purpose, order.values, sender="Acme")


def test_the_purposes_are_those_that_the_product_sends() -> None:
    assert set(PURPOSES) == {
        "invitation",
        "verify_email",
        "reset_password",
        "sign_up_known_address",
        "new_sign_in",
        "mfa_changed",
        "key_created",
        "ownership_transferred",
        "impersonation_started",
    }


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("fewest", [False, True])
def test_every_value_stands_in_both_parts_and_nothing_is_left_open(purpose: str, fewest: bool) -> None:
    given = values(purpose, fewest=fewest)
    letter = render(purpose, given)
    assert letter.subject
    assert "\n" not in letter.subject
    for part in (letter.text, unescape(letter.html)):
        for value in given.values():
            assert value in part
        assert not re.search(r"\{\{|\{%|\}\}|%\}|\bNone\b", part)
        assert not re.search(r": *\.|\bby \.| as \.|until \.", part)  # a sentence whose value is missing
    assert "<html" in letter.html
    assert "<" not in letter.text


@pytest.mark.parametrize("purpose", PURPOSES)
def test_html_escapes_what_strangers_call_themselves(purpose: str) -> None:
    given = {name: value if name in ("link", "code") else HOSTILE for name, value in values(purpose).items()}
    letter = letters.render(purpose, letters.order(purpose, "a@b.example", given).values, sender=HOSTILE)
    assert "<script" not in letter.html
    assert "&lt;script&gt;" in letter.html
    assert "&amp;next" in letter.html
    assert "&amp;" not in letter.text


@pytest.mark.parametrize("purpose", PURPOSES)
def test_nothing_is_loaded_from_another_host(purpose: str) -> None:
    found = re.findall(
        r"""(?:src|href|url)\s*[=(]\s*["']?([^"' >]+)""", render(purpose, values(purpose)).html
    )
    assert set(map(unescape, found)) <= {LINK}


def test_a_name_with_line_ends_cannot_write_a_header_or_a_paragraph() -> None:
    given = {**values("invitation"), "tenant_name": "Acme\r\nBcc: all@acme.example\n\nPay here"}
    letter = render("invitation", given)
    assert letter.subject == "the inviter invites you to Acme Bcc: all@acme.example Pay here"
    assert not [line for line in letter.text.splitlines() if line.startswith(("Bcc", "Pay"))]


def test_a_name_that_is_a_page_long_is_cut_and_a_link_is_not() -> None:
    link = LINK + "x" * 1_000
    letter = render("invitation", {**values("invitation"), "inviter": "y" * 1_000, "link": link})
    assert link in letter.text
    assert "y" * 200 in letter.text
    assert "y" * 201 not in letter.text


def test_a_time_is_written_in_utc() -> None:
    order = letters.order(
        "verify_email", "a@b.example", {"code": 123456, "expires": datetime(2026, 3, 5, 9, 7, tzinfo=UTC)}
    )
    assert order.values == {"code": "123456", "expires": "5 March 2026, 09:07 UTC"}


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "an unknown purpose": ("newsletter", {}),
    "a missing value": ("reset_password", {"link": LINK}),
    "a value too many": ("reset_password", {"link": LINK, "expires": "soon", "bcc": "x"}),
    "none of two": ("verify_email", {"expires": "soon"}),
    "None for a value": ("reset_password", {"link": None, "expires": "soon"}),
    "a script for a link": ("reset_password", {"link": "javascript:alert(1)", "expires": "soon"}),
    "a path for a link": ("reset_password", {"link": "/reset", "expires": "soon"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_no_template_could_say_is_refused(case: str) -> None:
    purpose, given = REFUSED[case]
    with pytest.raises(exceptions.UnknownMail):
        letters.order(purpose, "a@b.example", given)
