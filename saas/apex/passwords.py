"""A forgotten password, by the API of the apex."""

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from saas.api import security
from tenants.people import forgotten

router = Router(tags=["password"])


class ForgottenIn(Schema, extra="forbid"):
    email: str = Field(max_length=254)


class ChosenIn(Schema, extra="forbid"):
    key: str = Field(max_length=200, description="Stands in the link of the mail.")
    password: str = Field(max_length=1_000)


@router.post(
    "/reset",
    response={202: None},
    auth=None,
    operation_id="ask_password_reset",
    summary="Ask for a mail with a link",
)
def ask(request: HttpRequest, body: ForgottenIn) -> Status[None]:
    """The answer is the same for an address that nobody has."""
    security.refuse_foreign_origin(request)
    forgotten.ask(request, body.email)
    return Status(202, None)


@router.post(
    "", response={204: None}, auth=None, operation_id="choose_password", summary="Choose a new password"
)
def choose(request: HttpRequest, body: ChosenIn) -> Status[None]:
    """It ends every session of the person, here and on all hosts."""
    security.refuse_foreign_origin(request)
    forgotten.choose(body.key, body.password)
    return Status(204, None)
