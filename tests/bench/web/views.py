"""Views that a developer of a tenant app could have written, with pauses and errors at every place.

Plain Django, so that they run under django-tenants as well: nothing here knows which tenant it serves.
"""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.cache import cache_page
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition

from saas.commerce.models import Product

log = logging.getLogger(__name__)
CACHED_SECONDS = 60
CHUNKS = 4


def names() -> list[str]:
    return list(Product.objects.values_list("name", flat=True)[:20])


def pause(request: HttpRequest) -> None:
    time.sleep(float(request.GET.get("pause", "0")))


def fail(request: HttpRequest, place: str) -> None:
    """Raise what `fail=place:kind` asks for."""
    wanted, _, kind = request.GET.get("fail", "").partition(":")
    if wanted == place:
        FAILURES[kind]()


def _raise() -> None:
    raise RuntimeError("; ".join(names()))


def _missing() -> None:
    raise Http404("; ".join(names()))


def _denied() -> None:
    raise PermissionDenied("; ".join(names()))


def _break() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def _swallow() -> None:
    try:
        _break()
    except DatabaseError:
        log.warning("went on after an error")


def _slow() -> None:
    """Run into the statement timeout."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM generate_series(1, 1000000000)")


def _close() -> None:
    connection.close()


def _exit() -> None:
    raise SystemExit(1)


FAILURES = {
    "raise": _raise,
    "missing": _missing,
    "denied": _denied,
    "break": _break,
    "swallow": _swallow,
    "slow": _slow,
    "close": _close,
    "exit": _exit,
}


def read(request: HttpRequest) -> HttpResponse:
    """Read twice, with a pause between, and fail before, between or behind."""
    fail(request, "before")
    first = names()
    log.warning("read %s", first[:1])
    pause(request)
    fail(request, "between")
    second = names()
    fail(request, "behind")
    return JsonResponse({"first": first, "second": second})


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Read again for each part of an answer that is already under way."""

    def parts() -> Iterator[str]:
        for _ in range(CHUNKS):
            yield "\n".join(names()) + "\n"
            pause(request)
        fail(request, "behind")

    return StreamingHttpResponse(parts(), content_type="text/plain")


def cached(request: HttpRequest) -> HttpResponse:
    """Keep what was read under a name that every tenant uses."""
    found = cache.get("front-page")
    if found is None:
        found = names()
        cache.set("front-page", found, CACHED_SECONDS)
    return JsonResponse({"names": found})


@cache_page(CACHED_SECONDS)
def page(request: HttpRequest) -> HttpResponse:
    """Be kept whole by Django's page cache, under an address that does not name the host."""
    return JsonResponse({"names": names()})


def threads(request: HttpRequest) -> HttpResponse:
    """Read, and use the cache, in a thread of its own."""

    def work() -> Any:
        return cache.get_or_set("from-a-thread", names, CACHED_SECONDS)

    with ThreadPoolExecutor(1) as pool:
        here, there = names(), pool.submit(work)
        try:
            return JsonResponse({"here": here, "there": there.result()})
        except Exception:  # noqa: BLE001  what a developer writes who wants the page to stand
            return JsonResponse({"here": here, "there": None})


def cached_in_thread(request: HttpRequest) -> HttpResponse:
    """Read here, and let a thread put it into the cache and take out of it."""
    here = names()
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(cache.get_or_set, "from-here", here, CACHED_SECONDS)
        try:
            return JsonResponse({"names": found.result()})
        except Exception:  # noqa: BLE001
            return JsonResponse({"names": here})


def visits(request: HttpRequest) -> HttpResponse:
    """Keep what was read in the session."""
    seen = request.session.setdefault("seen", [])
    seen.extend(name for name in names()[:1] if name not in seen)
    request.session.modified = True
    return JsonResponse({"seen": seen})


def _etag(request: HttpRequest) -> str:
    return '"the same for every shop"'


@condition(etag_func=_etag)
def conditional(request: HttpRequest) -> HttpResponse:
    """Answer 304 to whoever has the page already."""
    return JsonResponse({"names": names()})


@gzip_page
def zipped(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"names": names() * 20})


def located(request: HttpRequest) -> HttpResponse:
    """Name the own address, as mails and redirects do."""
    return JsonResponse({"address": request.build_absolute_uri("/"), "names": names()})


@csrf_exempt
def echo(request: HttpRequest) -> HttpResponse:
    """Answer with the body that came, between two reads."""
    return HttpResponse("\n".join([*names(), request.body.decode("latin-1"), *names()]))


async def waiting(request: HttpRequest) -> HttpResponse:
    """Read twice, and let others run on the loop in between."""
    first = await sync_to_async(names)()
    await asyncio.sleep(float(request.GET.get("pause", "0")))
    await sync_to_async(fail)(request, "between")
    second = [name async for name in Product.objects.values_list("name", flat=True)[:20]]
    await sync_to_async(fail)(request, "behind")
    return JsonResponse({"first": first, "second": second})


async def waiting_stream(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        for _ in range(CHUNKS):
            yield "\n".join(await sync_to_async(names)()) + "\n"
            await asyncio.sleep(float(request.GET.get("pause", "0")))

    return StreamingHttpResponse(parts(), content_type="text/plain")


def die(request: HttpRequest) -> HttpResponse:
    """Take the whole process down in the middle of a transaction."""
    names()
    os._exit(1)


urlpatterns = [
    path("bench/read", read),
    path("bench/stream", stream),
    path("bench/cached", cached),
    path("bench/page", page),
    path("bench/threads", threads),
    path("bench/cached-in-thread", cached_in_thread),
    path("bench/visits", visits),
    path("bench/conditional", conditional),
    path("bench/zipped", zipped),
    path("bench/located", located),
    path("bench/echo", echo),
    path("bench/async", waiting),
    path("bench/async-stream", waiting_stream),
    path("bench/die", die),
]
