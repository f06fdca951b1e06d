"""What allauth asks of us: nobody signs up on a tenant's host, nothing redirects away from it."""

from collections.abc import Iterator

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from django.test import RequestFactory

from tenants import context, exceptions, links
from tenants.directory import Entry
from tenants.people import adapter
from tenants.people import exceptions as errors


@pytest.fixture
def ours(two_tenants: tuple[Entry, Entry]) -> Iterator[adapter.AccountAdapter]:
    request = RequestFactory().get("/", headers={"host": "shop.evil.example"})
    request.tenant = two_tenants[0]  # type: ignore[attr-defined]
    with allauth_context.request_context(request), context.identity():
        yield get_adapter()


def test_nobody_signs_up_and_no_address_goes(ours: adapter.AccountAdapter) -> None:
    assert not ours.is_open_for_signup(allauth_context.request)
    assert not ours.can_delete_email(None)


def test_a_link_is_of_the_primary_domain_and_never_of_the_host_asked(
    ours: adapter.AccountAdapter, two_tenants: tuple[Entry, Entry]
) -> None:
    assert ours.get_reset_password_from_key_url("a-b") == links.absolute(
        "/reset-password?key=a-b", two_tenants[0]
    )


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("/account", True),
        ("http://shop.evil.example/x", True),
        ("https://other.example/", False),
        ("//other.example/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_only_this_host_is_gone_to(ours: adapter.AccountAdapter, url: str, *, safe: bool) -> None:
    assert ours.is_safe_url(url) is safe


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.TooManyTries(retry_after=7), 429),
        (errors.CannotCount(), 503),
        (errors.AddressRefused(), 403),
        (errors.SsoRequired(), 403),
        (exceptions.InvalidCredentials(), 401),
    ],
)
def test_an_error_of_ours_is_an_answer(
    ours: adapter.AccountAdapter, error: exceptions.TenancyError, status: int
) -> None:
    with pytest.raises(ImmediateHttpResponse) as caught:
        adapter.refuse(error)
    assert caught.value.response.status_code == status
    assert caught.value.response.get("Retry-After") == ("7" if status == 429 else None)
