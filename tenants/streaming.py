"""Bodies that are produced after the view has returned: each runs in a context of its own, always of its tenant."""

import contextvars
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connections
from django.http import FileResponse, StreamingHttpResponse

from tenants import context

Step = Callable[[], Any]


def bind(
    response: StreamingHttpResponse,
    tenant: context.HasId,
    *,
    actor: context.Actor | None = None,
    read_only: bool = False,
) -> None:
    """Have the body of response, sync or async, produced in tenant's context; call it outside of any context.

    The first part enters, the last one commits. What raises, is closed early or has a status of 400 and above is rolled
    back. Files are left alone: sending one asks the database nothing.
    """
    if isinstance(response, FileResponse) and response.file_to_stream is not None:
        return
    content: Any = response._iterator  # type: ignore[attr-defined]  # the property would wrap it, and lose its close()
    closers = response._resource_closers  # type: ignore[attr-defined]
    entering = context.use(tenant, actor=actor, read_only=read_only)
    scope = _Scope(entering, keep=response.status_code < 400, closers=list(closers))
    closers.clear()
    # Setting it adds the body's close() to the closers.
    response.streaming_content = AsyncBody(content, scope) if response.is_async else Body(content, scope)


class _Scope:
    """One tenant's context that is entered once and stays open between the parts of a body.

    Every step runs in one `contextvars.Context`, whichever thread or task asks for it, so that the server's own
    variables never show the tenant, and the body never shows anybody else's.
    """

    def __init__(
        self, entering: AbstractContextManager[context.Context], *, keep: bool, closers: list[Step]
    ) -> None:
        self.variables = contextvars.copy_context()
        self.context = entering
        self.keep = keep
        self.closers = closers
        self.entered = self.done = False

    def run(self, step: Step) -> Any:
        """Return the next part. What step raises, also its end, leaves the context."""
        return self.variables.run(self._run, step)

    def close(self) -> None:
        """Let the body clean up in its tenant's context, and leave it without keeping anything."""
        self.variables.run(self._close)

    def _run(self, step: Step) -> Any:
        if not self.entered:
            self.context.__enter__()
            self.entered = True
        try:
            return step()
        except (StopIteration, StopAsyncIteration):
            self._leave(None)
            raise
        except BaseException as error:
            self._leave(error)
            raise

    def _leave(self, error: BaseException | None) -> None:
        self.done = True
        if error is None and not self.keep:
            context.roll_back()
        self.context.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)

    def _close(self) -> None:
        try:
            for closer in self.closers:
                closer()
        finally:
            if self.entered and not self.done:
                self._abandon()

    def _abandon(self) -> None:
        context.roll_back()
        self._leave(None)


class Body(Iterator[Any]):
    """The parts of a response for WSGI."""

    def __init__(self, content: Iterator[Any], scope: _Scope) -> None:
        self._content, self._scope = content, scope

    def __next__(self) -> Any:
        if self._scope.done:
            raise StopIteration
        return self._scope.run(self._content.__next__)

    def close(self) -> None:
        self._scope.close()


class AsyncBody(AsyncIterator[Any]):
    """The parts of a response for ASGI.

    Each part is awaited from the request's own thread, where its connection is: the context is entered, used and left
    there.
    """

    def __init__(self, content: AsyncIterator[Any], scope: _Scope) -> None:
        self._content, self._scope = content, scope

    async def __anext__(self) -> Any:
        if self._scope.done:
            raise StopAsyncIteration
        return await sync_to_async(self._next)()

    def close(self) -> None:
        self._scope.close()

    def _next(self) -> Any:
        try:
            return self._scope.run(async_to_sync(self._await))
        except StopAsyncIteration:
            raise
        except BaseException:
            # Django's handler calls no close() after this, and the request's thread ends, with its connection open.
            connections[context.ALIAS[context.Kind.TENANT]].close()
            raise

    async def _await(self) -> Any:
        return await self._content.__anext__()
