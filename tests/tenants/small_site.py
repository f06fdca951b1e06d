"""The views of a small site for tests that need a real web server; `small_settings` serves it."""

import time
from collections.abc import AsyncIterator, Iterator

from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

from saas.commerce.models import Category
from tenants import context

closed: list[tuple[str, int]] = []


def who() -> str:
    """Return the role that the database sees."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_user::text")
        found: str = cursor.fetchone()[0]
    return found


def here(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"tenant": context.tenant_id().hex, "role": who()})


def rows(request: HttpRequest) -> StreamingHttpResponse:
    """Names of all categories, by a cursor of the server, with who asks in front of each."""
    pause = float(request.GET.get("pause", "0"))

    def parts() -> Iterator[str]:
        try:
            for category in Category.objects.order_by("slug").iterator(chunk_size=1):
                yield f"{who()} {context.tenant_id().hex} {category.slug}\n"
                time.sleep(pause)
        finally:
            closed.append((who(), Category.objects.count()))

    return StreamingHttpResponse(parts())


def write(request: HttpRequest, slug: str, status: int = 200) -> StreamingHttpResponse:
    def parts() -> Iterator[str]:
        Category.objects.create(name="x", slug=slug)
        yield "first\n"
        yield "second\n"
        if request.GET.get("fail"):
            raise ZeroDivisionError
        if request.GET.get("leave"):
            context.roll_back()

    return StreamingHttpResponse(parts(), status=status)


def asynchronous(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[str]:
        try:
            async for category in Category.objects.order_by("slug"):
                yield f"{context.tenant_id().hex} {category.slug}\n"
            if request.GET.get("fail"):
                raise ZeroDivisionError
        finally:
            closed.append((context.tenant_id().hex, await Category.objects.acount()))

    return StreamingHttpResponse(parts())


def nothing(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(str(number) for number in range(3))


urlpatterns = [
    path("here", here),
    path("rows", rows),
    path("write/<slug>", write),
    path("write/<slug>/<int:status>", write),
    path("async", asynchronous),
    path("nothing", nothing),
    path("sign-in/rows", rows),
]
