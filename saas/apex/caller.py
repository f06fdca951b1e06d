"""Who calls the API of the apex: a person with a session of it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Schema
from ninja.security import APIKeyCookie

from tenants.models import User
from tenants.people import visitors


class PersonCookie(APIKeyCookie):
    """The session cookie of the apex; changes also need the CSRF token in `X-CSRFToken`."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        found: User | None = super().__call__(request) if visitors.person(request) else None
        return found

    def authenticate(self, request: HttpRequest, key: Any) -> User | None:
        return visitors.person(request)


class PersonOut(Schema):
    email: str
    name: str
    csrf_token: str


def caller(request: HttpRequest) -> User:
    person: User = request.auth  # type: ignore[attr-defined]
    return person


def person_out(request: HttpRequest, user: User) -> PersonOut:
    return PersonOut(email=user.email, name=user.name, csrf_token=get_token(request))
