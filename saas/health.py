"""What a load balancer asks: does the process answer, and does it reach what it works with?"""

from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from tenants import caching

DUMMY = "django.db.backends.dummy"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process runs; touches nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 503 with the names of what cannot be reached: database aliases of this process, and the cache."""
    away = [alias for alias in _logins() if not _database_answers(alias)]
    away += [] if _cache_answers() else ["cache"]
    return JsonResponse({"ready": not away, "away": away}, status=503 if away else 200)


urlpatterns = [path("healthz", healthz), path("readyz", readyz)]


def _logins() -> list[str]:
    """Return the aliases that this process has a login for; Django fills an empty entry with a dummy engine."""
    return [alias for alias in connections if connections.settings[alias]["ENGINE"] != DUMMY]


def _database_answers(alias: str) -> bool:
    """Ask the connection itself, below our guard, which lets no statement through outside a context."""
    connection = connections[alias]
    try:
        connection.ensure_connection()
        if not connection.is_usable():
            connection.close()  # The server may have been restarted since.
            connection.ensure_connection()
    except DatabaseError:
        return False
    return True


def _cache_answers() -> bool:
    try:
        caching.shared.get("readyz")
    except RedisError:
        return False
    return True
