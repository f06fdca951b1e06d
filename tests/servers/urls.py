"""Views of a tenant app: what they find they answer with. Each tenant's one category is named after its slug."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from saas.commerce.models import Category

strays: list[Any] = []  # tasks of requests that have ended, and what became of them
executor = ThreadPoolExecutor(2)


def found() -> list[Any]:
    """Return the role and the names of all rows."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
    return [role, *Category.objects.values_list("name", flat=True)]


def outcome(work: Callable[[], Any]) -> Any:
    """Return what work finds, or the name of what it raises."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001  what a test asks for
        return type(error).__name__
    finally:
        connections.close_all()


def sync(request: HttpRequest) -> HttpResponse:
    first = found()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM generate_series(1, 20000)")  # so that requests overlap
    with transaction.atomic():
        return JsonResponse([first, found(), [row.name for row in Category.objects.iterator()]], safe=False)


def crash(request: HttpRequest) -> HttpResponse:
    found()
    if "database" in request.GET:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
    raise RuntimeError("asked for")


def threads(request: HttpRequest) -> HttpResponse:
    """Use an executor that lives as long as the process, with and without this request's variables."""
    context = copy_context()
    with_variables = executor.submit(lambda: context.run(outcome, found)).result()
    return JsonResponse([found(), executor.submit(outcome, found).result(), with_variables], safe=False)


async def orm(request: HttpRequest) -> HttpResponse:
    names = [row.name async for row in Category.objects.all()]
    await asyncio.sleep(0.01)
    first = await Category.objects.aget()
    return JsonResponse(
        [names, first.name, await Category.objects.acount(), await sync_to_async(found)()], safe=False
    )


async def other_thread(request: HttpRequest) -> HttpResponse:
    stray = await sync_to_async(outcome, thread_sensitive=False)(found)
    return JsonResponse([stray, await sync_to_async(found)()], safe=False)


async def gathered(request: HttpRequest) -> HttpResponse:
    counts = await asyncio.gather(*(Category.objects.filter(name__gt="").afirst() for _ in range(4)))
    return JsonResponse([row.name if row else None for row in counts], safe=False)


async def stray(request: HttpRequest) -> HttpResponse:
    """Leave a task and an iterator behind that go on after the response."""
    iterator = Category.objects.values_list("name", flat=True).aiterator(chunk_size=1)

    async def later() -> None:
        await asyncio.sleep(0.3)
        for work in (Category.objects.acount, lambda: anext(iterator)):
            try:
                strays.append(await work())
            except BaseException as error:  # noqa: BLE001  what a test asks for
                strays.append(type(error).__name__)

    task = asyncio.get_running_loop().create_task(later())
    strays.append(None)
    task.add_done_callback(lambda _: None)
    return JsonResponse([await anext(iterator)], safe=False)


def show_strays(request: HttpRequest) -> HttpResponse:
    time.sleep(0.01)
    return JsonResponse([one for one in strays if one is not None], safe=False)


urlpatterns = [
    path("sync", sync),
    path("crash", crash),
    path("threads", threads),
    path("orm", orm),
    path("other-thread", other_thread),
    path("gathered", gathered),
    path("stray", stray),
    path("strays", show_strays),
]
