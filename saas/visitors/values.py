"""What a visitor may give as address and password; the database checks the address again."""

import re

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from saas.visitors import exceptions
from saas.visitors.models import EMAIL, EMAIL_LENGTH

PASSWORD_LENGTH = 1_024  # a hash of a longer one costs, and proves nothing more


def email(value: object) -> str:
    """Return value without blanks at its ends. Raises InvalidEmail."""
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > EMAIL_LENGTH or not text.isprintable() or not re.search(EMAIL, text):
        raise exceptions.InvalidEmail
    return text


def password(value: object) -> str:
    """Return value. Raises InvalidPassword, with what the settings' validators say."""
    if not is_text(value):
        raise exceptions.InvalidPassword
    try:
        validate_password(str(value))
    except ValidationError as error:
        raise exceptions.InvalidPassword(" ".join(error.messages)) from None
    return str(value)


def is_text(value: object) -> bool:
    """Whether value can be hashed: text of a length, without halves of characters."""
    if not isinstance(value, str) or not 0 < len(value) <= PASSWORD_LENGTH:
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value)
