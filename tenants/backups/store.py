"""Files of a backup: written beside their place, hashed, fsynced; the manifest comes last and makes it exist."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import zstandard
from django.conf import settings

from tenants import exceptions

FORMAT = 1
LEVEL = 1
CHUNK_BYTES = 1 << 20
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class File:
    """One table: its columns in order, and SHA-256 of its rows and of the compressed file."""

    name: str
    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str
    file_sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. tables: of the tenant's schema, in COPY text; shared: rows in `public`, as JSON lines."""

    backup_id: str
    tenant_id: str
    slug: str
    name: str
    taken_at: str
    server_version: int
    script_digest: str
    tables: tuple[File, ...]
    shared: tuple[File, ...]
    sequences: dict[str, int]
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(file.rows for file in (*self.tables, *self.shared))

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in (*self.tables, *self.shared))


def directory(tenant_id: UUID, backup_id: UUID) -> Path:
    return Path(settings.LEASEHOLD_BACKUP_DIR) / tenant_id.hex / backup_id.hex


def prepare(place: Path) -> None:
    """Make the place, empty of what an attempt that was killed left there. A published backup is never touched."""
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for leftover in place.iterdir():
        leftover.unlink()


def write(place: Path, folder: str, name: str, columns: Iterable[str], chunks: Iterable[bytes]) -> File:
    """Compress chunks into one file under place and return its description, without a count of rows."""
    path = place / _file_name(folder, name)
    plain = hashlib.sha256()
    with (
        path.open("xb") as raw,
        zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).stream_writer(
            raw, closefd=False
        ) as packed,
    ):
        for chunk in chunks:
            plain.update(chunk)
            packed.write(chunk)
    _sync(path)
    digest = _file_digest(path)
    return File(name, tuple(columns), 0, path.stat().st_size, plain.hexdigest(), digest)


def read(place: Path, folder: str, name: str) -> Iterator[bytes]:
    """Yield the decompressed bytes of one file in chunks of at most 1 MiB."""
    with (place / _file_name(folder, name)).open("rb") as raw:
        yield from iter_plain(raw)


def iter_plain(raw: Any) -> Iterator[bytes]:
    with zstandard.ZstdDecompressor().stream_reader(raw) as reader:
        while chunk := reader.read(CHUNK_BYTES):
            yield chunk


def publish(place: Path, manifest: Manifest) -> str:
    """Write the manifest, create-only: from here on the backup exists. Returns the manifest's SHA-256."""
    text = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
    partial = place / (MANIFEST + ".partial")
    partial.write_bytes(text)
    _sync(partial)
    os.link(partial, place / MANIFEST)
    partial.unlink()
    for folder in (place, place.parent, place.parent.parent):
        _sync(folder)
    return hashlib.sha256(text).hexdigest()


def published(place: Path) -> bool:
    return (place / MANIFEST).exists()


def load(place: Path) -> tuple[Manifest, str]:
    """Return the manifest and its SHA-256. Raises BackupDamaged."""
    try:
        text = (place / MANIFEST).read_bytes()
        values = json.loads(text)
        if values["format"] != FORMAT:
            raise exceptions.BackupError(
                f"The backup has format {values['format']}; this release reads {FORMAT}."
            )
        for group in ("tables", "shared"):
            values[group] = tuple(
                File(**{**file, "columns": tuple(file["columns"])}) for file in values[group]
            )
        return Manifest(**values), hashlib.sha256(text).hexdigest()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise exceptions.BackupDamaged(f"The manifest of the backup cannot be read: {error}.") from error


def verify(place: Path) -> tuple[Manifest, str]:
    """Read every byte back and compare with the manifest. Raises BackupDamaged, which names the file."""
    manifest, digest = load(place)
    for folder, files in (("tables", manifest.tables), ("shared", manifest.shared)):
        for file in files:
            _verify_file(place, folder, file)
    return manifest, digest


def _verify_file(place: Path, folder: str, file: File) -> None:
    path = place / _file_name(folder, file.name)
    plain = hashlib.sha256()
    try:
        intact = _file_digest(path) == file.file_sha256
        for chunk in read(place, folder, file.name):
            plain.update(chunk)
    except (OSError, zstandard.ZstdError) as error:
        raise exceptions.BackupDamaged(f"{path.name} cannot be read: {error}. Use another backup.") from error
    if not intact or plain.hexdigest() != file.sha256:
        raise exceptions.BackupDamaged(f"{path.name} differs from its manifest. Use another backup.")


def _file_name(folder: str, name: str) -> str:
    return f"{folder}.{name}.zst"


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
