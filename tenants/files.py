"""Files of tenants: every name lies below the tenant's id, in whichever storage; a link to one is signed by the tenant.

Names are kept without the tenant, so that rows which hold them stay true in a clone. A tenant's context says whose file
is meant; without one there is no file.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.core.signing import BadSignature
from django.http import FileResponse, Http404, HttpRequest
from django.urls import reverse
from django.utils.deconstruct import deconstructible
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from tenants import context, signing

SALT = "tenants.files"
LINK_AGE = timedelta(hours=1)
NAME_BYTES = 1000


@deconstructible(path="tenants.files.TenantStorage")
class TenantStorage(Storage):
    """Django's default storage for tenant apps: another storage (`backend`, `options`), one folder of it per tenant."""

    def __init__(
        self,
        backend: str = "django.core.files.storage.FileSystemStorage",
        options: dict[str, Any] | None = None,
    ) -> None:
        self.inner: Storage = import_string(backend)(**(options or {}))

    def path(self, name: str) -> str:
        return self.inner.path(self._place(name))

    def url(self, name: str | None) -> str:
        """Return a link to the file, good for LINK_AGE, on this tenant's own hosts and while its epoch lasts."""
        inside = _checked(name or "")
        return reverse("tenant-file", args=[signing.dumps(inside, salt=SALT)])

    def exists(self, name: str) -> bool:
        return self.inner.exists(self._place(name))

    def delete(self, name: str) -> None:
        self.inner.delete(self._place(name))

    def size(self, name: str) -> int:
        return self.inner.size(self._place(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return self.inner.listdir(self._place(path) if path else _folder())

    def get_accessed_time(self, name: str) -> datetime:
        return self.inner.get_accessed_time(self._place(name))

    def get_created_time(self, name: str) -> datetime:
        return self.inner.get_created_time(self._place(name))

    def get_modified_time(self, name: str) -> datetime:
        return self.inner.get_modified_time(self._place(name))

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        return self.inner.open(self._place(name), mode)

    def _save(self, name: str, content: IO[Any]) -> str:
        # Past the inner save(), which would look for a free name a second time.
        kept: str = self.inner._save(self._place(name), content)  # type: ignore[attr-defined]
        return kept.replace("\\", "/").removeprefix(f"{_folder()}/")

    def _place(self, name: str) -> str:
        """Return where the current tenant's file of this name is in the inner storage. Raises NoTenant."""
        place = f"{_folder()}/{_checked(name)}"
        if isinstance(self.inner, FileSystemStorage):
            _refuse_links(Path(self.inner.location), place)
        return place


@require_safe
def serve(_request: HttpRequest, token: str) -> FileResponse:
    """Answer a link that `TenantStorage.url` made in this tenant; everything else is 404.

    Always as a download and never as a page of the site: what was uploaded may be HTML.
    """
    try:
        name: str = signing.loads(token, salt=SALT, max_age=LINK_AGE)
        file = default_storage.open(name)
    except (BadSignature, FileNotFoundError, IsADirectoryError, SuspiciousFileOperation) as error:
        raise Http404 from error
    response = FileResponse(file, as_attachment=True, filename=name.rsplit("/", 1)[-1])
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=0"
    return response


def _folder() -> str:
    return context.tenant_id().hex


def _checked(name: str) -> str:
    """Return name if it can only mean a file below the tenant's folder, in every storage and after every decoding."""
    parts = name.split("/")
    hostile = (
        "\\" in name
        or not name.isprintable()
        or unquote(name) != name
        or any(part in ("", ".", "..") for part in parts)
        or ":" in parts[0]
        or len(name.encode("utf-8", "replace")) > NAME_BYTES
    )
    if hostile:
        raise SuspiciousFileOperation(
            f"{name[:100]!r} is no name of a tenant's file. Use a relative path without '..', '\\\\' and %XX."
        )
    return name


def _refuse_links(root: Path, place: str) -> None:
    """Raise when a part of place is a symbolic link: it could lead to another tenant's folder."""
    here = root
    for part in place.split("/"):
        here /= part
        if os.path.islink(here):  # noqa: PTH114  a name with surrogates is not there, and no error
            raise SuspiciousFileOperation("A symbolic link stands in this path. Remove it.")
