"""The public keys of tokens, for other services; the same on every host, and no secret."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from tenants.people import signers

PATH = ".well-known/jwks.json"


@require_safe
def keys(request: HttpRequest) -> JsonResponse:
    answer = JsonResponse(signers.jwks())
    answer["Cache-Control"] = f"public, max-age={int(signers.JWKS_MAX_AGE.total_seconds())}"
    return answer
