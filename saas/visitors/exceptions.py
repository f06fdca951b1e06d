"""What is refused to those who come to the site; every docstring is the default message and says how to repair it."""

import inspect


class VisitorsError(Exception):
    """This was refused. Nothing was changed."""

    code = "visitors_error"
    field: str | None = None

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))
        self.field = field or self.field


class InvalidEmail(VisitorsError):
    """An e-mail address is at most 254 characters: something, an @ and a domain, without blanks."""

    code = "invalid_email"
    field = "email"


class InvalidPassword(VisitorsError):
    """This cannot be a password here. Choose a longer one, of at most 1,024 characters."""

    code = "invalid_password"
    field = "password"


class AddressUnavailable(VisitorsError):
    """This address cannot sign up. Sign in with it, or use another one."""

    code = "address_unavailable"
    field = "email"


class InvalidCredentials(VisitorsError):
    """E-mail address or password is wrong."""

    code = "invalid_credentials"


class NotAGuest(VisitorsError):
    """This visitor has signed up already, or is gone. Sign in instead."""

    code = "not_a_guest"


class VisitorChanged(VisitorsError):
    """The visitor was changed or closed in the meantime. Sign in again."""

    code = "visitor_changed"
