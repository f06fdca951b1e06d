"""The payment providers of this process, by name."""

from saas.commerce import refusals
from saas.commerce.payments.fake import FakeProvider
from saas.commerce.payments.interface import Provider

_registered: dict[str, Provider] = {"fake": FakeProvider()}


def register(name: str, provider: Provider) -> None:
    """Know a provider by name from now on, instead of an earlier one of that name."""
    _registered[name] = provider


def named(name: str) -> Provider:
    """Return the provider of this name. Raises UnknownProvider."""
    try:
        return _registered[name]
    except KeyError:
        raise refusals.UnknownProvider(
            f"No payment provider {name!r} is installed. Known: {', '.join(sorted(_registered))}."
        ) from None
