import json
from pathlib import Path

import pytest

from tenants import exceptions
from tenants.backups import store
from tenants.models import Backup
from tests.tenants.backups.conftest import place

PRODUCTS = "tables.commerce_product.zst"


def damage(path: Path, how: str) -> None:
    text = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "truncated":
        path.write_bytes(text[:-7])
    elif how == "empty":
        path.write_bytes(b"")
    else:
        middle = len(text) // 2
        path.write_bytes(text[:middle] + bytes([text[middle] ^ 1]) + text[middle + 1 :])


@pytest.mark.parametrize("how", ["missing", "truncated", "empty", "flipped"])
@pytest.mark.parametrize("name", [PRODUCTS, "shared.tenants_membership.zst"])
def test_a_damaged_file_is_named(finished: Backup, name: str, how: str) -> None:
    damage(place(finished) / name, how)
    with pytest.raises(exceptions.BackupDamaged, match=name):
        store.verify(place(finished))


def test_a_file_of_other_rows_is_found_although_it_decompresses(finished: Backup, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    store.write(other, "tables", "commerce_product", (), [b"other rows"])
    (other / PRODUCTS).replace(place(finished) / PRODUCTS)
    with pytest.raises(exceptions.BackupDamaged, match=PRODUCTS):
        store.verify(place(finished))


@pytest.mark.parametrize("how", ["missing", "truncated", "empty"])
def test_a_manifest_that_cannot_be_read_is_a_damaged_backup(finished: Backup, how: str) -> None:
    damage(place(finished) / store.MANIFEST, how)
    with pytest.raises(exceptions.BackupDamaged, match="manifest"):
        store.verify(place(finished))


def test_a_manifest_of_another_format_says_so(finished: Backup) -> None:
    path = place(finished) / store.MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(exceptions.BackupError, match="format 99"):
        store.load(place(finished))


def test_a_published_backup_is_never_written_over(finished: Backup) -> None:
    manifest, _ = store.load(place(finished))
    with pytest.raises(FileExistsError):
        store.publish(place(finished), manifest)
