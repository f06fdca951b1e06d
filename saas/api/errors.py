"""The one table from an error's code to an HTTP status; every answer of the API that is no success is made here."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from billing.exceptions import BillingError
from saas.commerce.exceptions import CommerceError
from tenants import impersonating
from tenants.exceptions import Refused, TenancyError

log = logging.getLogger(__name__)
READ_ONLY_TRANSACTION = "25006"
CONTENT_TYPE = "application/problem+json"
STATUS = {
    "above_maximum": 409,
    "address_refused": 403,
    "already_invited": 409,
    "already_member": 409,
    "bad_password": 422,
    "bad_sender": 422,
    "cannot_count": 503,
    "cart_closed": 409,
    "cart_empty": 422,
    "category_cycle": 409,
    "commerce_error": 422,
    "coupon_not_applicable": 422,
    "coupon_not_valid": 422,
    "coupon_refused": 422,
    "coupon_used_up": 409,
    "duplicate": 409,
    "duplicate_coupon_code": 409,
    "duplicate_name": 409,
    "duplicate_sku": 409,
    "duplicate_slug": 409,
    "email_domain_error": 422,
    "email_domain_taken": 409,
    "email_domain_unproven": 409,
    "entry_failed": 503,
    "event_conflict": 409,
    "illegal_transition": 409,
    "image_of_nothing": 422,
    "impersonation_forbidden": 403,
    "impersonation_over": 403,
    "impersonation_refused": 403,
    "impersonation_withheld": 403,
    "invalid_account": 422,
    "invalid_address": 422,
    "invalid_barcode": 422,
    "invalid_cart_quantity": 422,
    "invalid_choice": 422,
    "invalid_code": 403,
    "invalid_coupon": 422,
    "invalid_coupon_code": 422,
    "invalid_credentials": 401,
    "invalid_currency": 422,
    "invalid_cursor": 400,
    "invalid_delivery": 422,
    "invalid_description": 422,
    "invalid_email_domain": 422,
    "invalid_event_id": 422,
    "invalid_expiry": 422,
    "invalid_invitation": 410,
    "invalid_key": 422,
    "invalid_name": 422,
    "invalid_order": 422,
    "invalid_password": 422,
    "invalid_payment": 422,
    "invalid_period": 409,
    "invalid_phone": 422,
    "invalid_policy": 422,
    "invalid_position": 422,
    "invalid_postal_address": 422,
    "invalid_price": 422,
    "invalid_provider": 422,
    "invalid_quantity": 422,
    "invalid_rating": 422,
    "invalid_reason": 422,
    "invalid_role": 422,
    "invalid_scopes": 422,
    "invalid_service": 422,
    "invalid_sign_up": 422,
    "invalid_size": 422,
    "invalid_sku": 422,
    "invalid_slug": 422,
    "invalid_stock": 422,
    "invalid_text": 422,
    "invalid_value": 422,
    "invalid_website": 422,
    "invited_another": 403,
    "join_refused": 403,
    "last_owner": 409,
    "last_variant": 409,
    "mfa_required": 401,
    "mfa_setup_required": 403,
    "not_a_guest": 409,
    "not_a_member": 403,
    "not_for_sale": 409,
    "not_rotatable": 409,
    "order_kept": 409,
    "other_currency": 409,
    "out_of_stock": 409,
    "own_review": 409,
    "password_required": 403,
    "payment_key_conflict": 409,
    "payment_refused": 409,
    "permission_denied": 403,
    "price_changed": 409,
    "proof_needed": 401,
    "provider_in_transaction": 500,
    "provider_unreachable": 502,
    "reauthentication_required": 403,
    "returned_too_many": 409,
    "reviewed_already": 409,
    "role_in_use": 409,
    "role_taken": 409,
    "seats_taken": 409,
    "shop_not_empty": 409,
    "sign_up_expired": 410,
    "slug_taken": 409,
    "social_refused": 403,
    "sso_error": 403,
    "sso_refused": 403,
    "sso_required": 403,
    "stock_log_sealed": 409,
    "stock_refused": 409,
    "too_many_invitations": 429,
    "too_many_tries": 429,
    "unknown_coupon": 422,
    "unknown_email_domain": 404,
    "unknown_invitation": 404,
    "unknown_member": 404,
    "unknown_plan": 422,
    "unknown_provider": 422,
    "unknown_role": 404,
    "unknown_tenant": 404,
    "variant_in_use": 409,
    "vote_sealed": 409,
}


def problem(
    status: int, code: str, detail: str, *, errors: list[dict[str, str]] | None = None
) -> HttpResponse:
    """Return an RFC 9457 answer; errors name the fields that were refused."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors is not None:
        body["errors"] = errors
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def install(api: NinjaAPI) -> None:
    """Answer every error of the floors below, of the framework and of nobody in the same form."""
    for error in (TenancyError, BillingError, CommerceError):
        api.add_exception_handler(error, known)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _unauthenticated)
    api.add_exception_handler(HttpError, _http)
    for missing in (Http404, ObjectDoesNotExist):
        api.add_exception_handler(missing, _missing)
    api.add_exception_handler(IntegrityError, _conflict)
    api.add_exception_handler(OperationalError, _database)
    api.add_exception_handler(InternalError, _read_only)
    api.add_exception_handler(Exception, _unknown)


def known(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer an error of the floors below."""
    if isinstance(error, Refused):
        request.refusal = error  # type: ignore[attr-defined]  # kept by the middleware, after the rollback
    status = STATUS.get(error.code, 500)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unknown(request, error)
    field = getattr(error, "field", None)
    errors = [{"field": field, "message": str(error)}] if field else None
    answer = problem(status, error.code, str(error), errors=errors)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        answer["Retry-After"] = str(error.retry_after)
    return answer


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    errors = [{"field": _field(entry["loc"]), "message": entry["msg"]} for entry in error.errors]
    return problem(422, "invalid_input", "Some fields were refused. Correct them and repeat.", errors=errors)


def _unauthenticated(request: HttpRequest, error: Any) -> HttpResponse:
    answer = problem(401, "unauthenticated", "Sign in, or send an API key of this tenant.")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def _http(request: HttpRequest, error: Any) -> HttpResponse:
    code = {400: "invalid_body", 403: "forbidden"}.get(error.status_code, "refused")
    return problem(error.status_code, code, error.message)


def _missing(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(404, "not_found", "There is nothing here.")


def _conflict(request: HttpRequest, error: Any) -> HttpResponse:
    return problem(409, "conflict", "The change conflicts with another one. Read again and repeat it.")


def _database(request: HttpRequest, error: Any) -> HttpResponse:
    """Tell what was lost to another request (a deadlock, a serialization failure) from a database that is away."""
    if getattr(error.__cause__, "sqlstate", None) in ("40P01", "40001"):
        return _conflict(request, error)
    log.error("%s %s: the database", request.method, request.path, exc_info=error)
    return problem(503, "unavailable", "The database cannot be reached right now. Try again.")


def _read_only(request: HttpRequest, error: Any) -> HttpResponse:
    """Say of a change that the database refused to a read-only impersonation what it was."""
    if getattr(error.__cause__, "sqlstate", None) != READ_ONLY_TRANSACTION:
        return _unknown(request, error)
    return problem(403, "impersonation_refused", impersonating.READ_ONLY)


def _unknown(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(500, "internal", "Something went wrong on our side; nothing was changed.")


def _field(location: tuple[Any, ...]) -> str:
    """Name the field without where it came from and without the name of our parameter."""
    return ".".join(str(part) for part in location[2:]) or str(location[-1])
