"""What the site's own verbs refuse. The docstring is the message, with what to do about it."""


class SiteError(Exception):
    """The site refused this."""

    code = "site_error"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class HasData(SiteError):
    """The tenant has rows of this app already. Take an empty tenant, or give --force to remove them all first."""

    code = "has_data"


class InvalidSeed(SiteError):
    """There is no such seed. Sizes are small, medium, large, or a number of rows."""

    code = "invalid_seed"
