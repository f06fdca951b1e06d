"""manage.py access_explain: words for people, JSON for programs, and a status for scripts."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tenants.directory import Entry
from tenants.models import Role
from tests import factories

TwoTenants = tuple[Entry, Entry]


def ask(email: str, *arguments: str) -> tuple[int, str]:
    """Return the status with which the command exits, and what it prints."""
    out = StringIO()
    try:
        call_command("access_explain", email, *arguments, stdout=out)
    except SystemExit as done:
        return int(str(done.code)), out.getvalue()
    return 0, out.getvalue()


def test_who_may_is_allowed_and_who_may_not_is_refused(two_tenants: TwoTenants) -> None:
    email = factories.member(two_tenants[0], Role.EDITOR).email
    assert ask(email, "acme", "products.write") == (0, "allowed\n- The role editor includes it.\n")
    assert ask(email, "acme", "keys.manage") == (
        1,
        "refused\n- The role editor does not include it.\n- Roles that include it: admin, owner.\n",
    )
    assert ask(email, "globex", "products.write") == (
        1,
        "refused\n- The person was never a member of the tenant.\n",
    )
    assert ask("nobody@example.com", "acme", "products.write")[0] == 1


def test_programs_read_json(two_tenants: TwoTenants) -> None:
    email = factories.member(two_tenants[0], Role.VIEWER).email
    status, text = ask(email, "acme", "products.write", "--json")
    found = json.loads(text)
    assert (status, found["allowed"], found["user"]) == (1, False, email)
    assert found["reasons"][0] == "The role viewer does not include it."


@pytest.mark.parametrize(
    ("arguments", "words"), [(("nowhere", "products.read"), "nowhere"), (("acme", "products.wirte"), "wirte")]
)
def test_a_question_about_nothing_is_an_error_of_its_own(
    two_tenants: TwoTenants, arguments: tuple[str, str], words: str
) -> None:
    with pytest.raises(CommandError, match=words) as error:
        ask("ada@example.com", *arguments)
    assert error.value.returncode == 2
