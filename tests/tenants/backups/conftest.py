"""A shop with rows, and a backup of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from saas.commerce.models import Product
from tenants import context
from tenants.backups import ledger, store, take
from tenants.directory import Entry
from tenants.models import Backup

PRODUCTS = 5


def add_product(number: int) -> Product:
    name = f"Lamp {number} \\ tab\tnew\nline ☃"
    return Product.objects.create(
        name=name, slug=f"lamp-{number}", sku=f"L-{number}", price=number, currency="EUR"
    )


@pytest.fixture
def shop(fresh_db: str, tenant: Callable[[str], Entry], settings: Any, tmp_path: Path) -> Entry:
    settings.LEASEHOLD_BACKUP_DIR = tmp_path / "backups"
    found = tenant("acme")
    with context.use(found):
        for number in range(PRODUCTS):
            add_product(number)
    return found


def ask(tenant: Entry) -> Backup:
    with context.operator():
        return ledger.request(tenant, by="test")


def row(backup: Backup) -> Backup:
    with context.operator():
        return Backup.objects.get(id=backup.id)


def place(backup: Backup) -> Path:
    return store.directory(backup.tenant_id, backup.id)


@pytest.fixture
def finished(shop: Entry) -> Backup:
    backup = ask(shop)
    assert take.take(backup.id, shop.id) is True
    return row(backup)
