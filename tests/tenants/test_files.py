"""Files of tenants: on a real disk, each below its tenant, reached by links that its tenant signed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client

from tenants import context, directory, exceptions, lifecycle
from tenants.directory import Entry
from tenants.files import TenantStorage

TwoTenants = tuple[Entry, Entry]
MEMORY = "django.core.files.storage.InMemoryStorage"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture(params=["disk", "memory"])
def storage(request: pytest.FixtureRequest, root: Path) -> TenantStorage:
    return on_disk(root) if request.param == "disk" else TenantStorage(MEMORY)


def on_disk(root: Path) -> TenantStorage:
    return TenantStorage(options={"location": root})


@pytest.fixture
def served(root: Path, settings: Any) -> TenantStorage:
    """The site's own default storage, in a place of this test."""
    options = {"options": {"location": root}}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "tenants.files.TenantStorage", "OPTIONS": options},
    }
    found = storages["default"]
    assert isinstance(found, TenantStorage)
    return found


def put(storage: TenantStorage, tenant: Entry, name: str, text: str) -> str:
    with context.use(tenant):
        return storage.save(name, ContentFile(text.encode()))


def on(tenant: Entry) -> Client:
    return Client(headers={"host": f"{tenant.slug}.localhost"})


def test_the_same_name_is_another_file_in_each_tenant(
    storage: TenantStorage, two_tenants: TwoTenants
) -> None:
    for tenant in two_tenants:
        assert put(storage, tenant, "a/b.txt", f"of {tenant.slug}") == "a/b.txt"
    for tenant in two_tenants:
        with context.use(tenant), storage.open("a/b.txt") as file:
            assert file.read() == f"of {tenant.slug}".encode()
        with context.use(tenant):
            assert storage.listdir("") == (["a"], [])
            assert storage.listdir("a") == ([], ["b.txt"])
            assert storage.size("a/b.txt") == len(f"of {tenant.slug}")


def test_a_name_that_is_taken_gets_an_end_of_its_own(storage: TenantStorage, two_tenants: TwoTenants) -> None:
    put(storage, two_tenants[0], "a.txt", "first")
    second = put(storage, two_tenants[0], "a.txt", "second")
    assert second != "a.txt"
    with context.use(two_tenants[0]), storage.open(second) as file:
        assert file.read() == b"second"


def test_another_tenant_sees_and_deletes_nothing(storage: TenantStorage, two_tenants: TwoTenants) -> None:
    acme, globex = two_tenants
    put(storage, acme, "a.txt", "of acme")
    with context.use(globex):
        assert storage.exists("a.txt") is False
        storage.delete("a.txt")
        with pytest.raises(FileNotFoundError):
            storage.open("a.txt")
    with context.use(acme):
        assert storage.exists("a.txt") is True
        assert storage.get_modified_time("a.txt").year >= 2024
        storage.delete("a.txt")
        assert storage.exists("a.txt") is False


def test_every_file_lies_below_its_tenant_s_id(root: Path, two_tenants: TwoTenants) -> None:
    for tenant in two_tenants:
        put(on_disk(root), tenant, "deep/er/a.txt", "x")
        assert (root / tenant.id.hex / "deep" / "er" / "a.txt").is_file()
    assert sorted(path.name for path in root.iterdir()) == sorted(tenant.id.hex for tenant in two_tenants)


CALLS: dict[str, Callable[[TenantStorage, str], Any]] = {
    "open": lambda storage, name: storage.open(name),
    "write": lambda storage, name: storage.open(name, "wb"),
    "save": lambda storage, name: storage._save(name, ContentFile(b"x")),
    "delete": lambda storage, name: storage.delete(name),
    "exists": lambda storage, name: storage.exists(name),
    "size": lambda storage, name: storage.size(name),
    "url": lambda storage, name: storage.url(name),
    "path": lambda storage, name: storage.path(name),
    "listdir": lambda storage, name: storage.listdir(name),
    "modified": lambda storage, name: storage.get_modified_time(name),
    "created": lambda storage, name: storage.get_created_time(name),
    "accessed": lambda storage, name: storage.get_accessed_time(name),
}


@pytest.mark.parametrize("call", CALLS)
def test_outside_of_a_tenant_there_are_no_files(root: Path, db: None, call: str) -> None:
    with pytest.raises(exceptions.NoTenant):
        CALLS[call](on_disk(root), "a.txt")
    with context.identity(), pytest.raises(exceptions.NoTenant):
        CALLS[call](on_disk(root), "a.txt")
    assert not root.exists()


def hostile(victim: Entry) -> list[str]:
    secret = f"{victim.id.hex}/secret.txt"
    return [
        f"../{secret}", f"a/../../{secret}", f"/{secret}", f"//{secret}", f"./{secret}", f"a/./../../{secret}",
        f"..\\{secret}", f"\\{secret}", f"a\0/../../{secret}", f"%2e%2e/{secret}", f"..%2f{secret}",
        f"%252e%252e/{secret}", f"%c0%ae%c0%ae/{secret}", f"C:/{secret}", "..", ".", "a/..", "a//b", "a/", "a\nb", "\udc80",
        "a\u202eb", "x" * 1001,
    ]  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_a_name_that_leads_elsewhere_is_refused(root: Path, two_tenants: TwoTenants, call: str) -> None:
    acme, globex = two_tenants
    storage = on_disk(root)
    put(storage, acme, "secret.txt", "secret")
    for name in hostile(acme):
        with context.use(globex), pytest.raises(SuspiciousFileOperation):
            CALLS[call](storage, name)
    with context.use(acme), storage.open("secret.txt") as file:
        assert file.read() == b"secret"


@pytest.mark.parametrize("call", sorted(set(CALLS) - {"url"}))
def test_a_symbolic_link_is_not_followed(root: Path, two_tenants: TwoTenants, call: str) -> None:
    acme, globex = two_tenants
    storage = on_disk(root)
    put(storage, acme, "secret.txt", "secret")
    put(storage, globex, "own.txt", "own")
    (root / globex.id.hex / "link").symlink_to(root / acme.id.hex)
    (root / globex.id.hex / "file").symlink_to(root / acme.id.hex / "secret.txt")
    for name in ("link/secret.txt", "file", "link"):
        with context.use(globex), pytest.raises(SuspiciousFileOperation, match="symbolic link"):
            CALLS[call](storage, name)


def test_uploads_are_stored_under_the_last_part_of_their_name(root: Path, acme: Entry) -> None:
    name = SimpleUploadedFile("../../x/evil.txt", b"x").name
    assert on_disk(root).save(name, ContentFile(b"x")) == "evil.txt"


def test_a_file_field_keeps_a_name_without_the_tenant(served: TenantStorage, two_tenants: TwoTenants) -> None:
    class Photo(models.Model):
        image = models.FileField(upload_to="photos/")

        class Meta:
            app_label = "tests"
            managed = False

    for tenant in two_tenants:
        with context.use(tenant):
            photo = Photo()
            photo.image.save("me.png", ContentFile(f"of {tenant.slug}".encode()), save=False)
            assert photo.image.name == "photos/me.png"
            assert photo.image.read() == f"of {tenant.slug}".encode()
            photo.image.close()
            assert photo.image.storage.inner.location == str(served.inner.location)  # type: ignore[attr-defined]
    photo = Photo(image="photos/me.png")
    with pytest.raises(exceptions.NoTenant):
        photo.image.open()


# Links.


def link(storage: TenantStorage, tenant: Entry, name: str) -> str:
    with context.use(tenant):
        return storage.url(name)


def test_a_link_shows_the_file_on_the_tenant_s_host_alone(
    served: TenantStorage, two_tenants: TwoTenants
) -> None:
    acme, globex = two_tenants
    for tenant in two_tenants:
        put(served, tenant, "a.txt", f"of {tenant.slug}")
    url = link(served, acme, "a.txt")
    answer = on(acme).get(url)
    assert (answer.status_code, answer.getvalue()) == (200, b"of acme")
    refused = on(globex).get(url)
    assert refused.status_code == 404
    assert b"of " not in refused.content


def test_a_link_downloads_and_never_runs(served: TenantStorage, two_tenants: TwoTenants) -> None:
    put(served, two_tenants[0], "a.html", "<script>alert(1)</script>")
    answer = on(two_tenants[0]).get(link(served, two_tenants[0], "a.html"))
    answer.close()
    assert answer["Content-Disposition"] == 'attachment; filename="a.html"'
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("change", ["{}x", "{:.30}", "/files/x", "/files/a:b:c"])
def test_a_link_that_was_changed_is_404(served: TenantStorage, two_tenants: TwoTenants, change: str) -> None:
    put(served, two_tenants[0], "a.txt", "x")
    url = change.format(link(served, two_tenants[0], "a.txt"))
    assert on(two_tenants[0]).get(url).status_code == 404


def test_a_link_to_nothing_and_to_a_folder_is_404(served: TenantStorage, two_tenants: TwoTenants) -> None:
    put(served, two_tenants[0], "folder/a.txt", "x")
    for name in ("missing.txt", "folder"):
        assert on(two_tenants[0]).get(link(served, two_tenants[0], name)).status_code == 404


def test_a_link_ends_after_an_hour(served: TenantStorage, two_tenants: TwoTenants) -> None:
    put(served, two_tenants[0], "a.txt", "x")
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False):
        url = link(served, two_tenants[0], "a.txt")
    for at, status in (("2026-01-01T00:59:59Z", 200), ("2026-01-01T01:00:01Z", 404)):
        with time_machine.travel(at, tick=False):
            answer = on(two_tenants[0]).get(url)
            answer.close()
            assert answer.status_code == status


def test_a_new_epoch_ends_the_links(fresh_db: str, served: TenantStorage, two_tenants: TwoTenants) -> None:
    put(served, two_tenants[0], "a.txt", "x")
    url = link(served, two_tenants[0], "a.txt")
    lifecycle.rotate_epoch("acme", by="test")
    directory.clear()  # otherwise this process may know the old epoch for a second
    assert on(two_tenants[0]).get(url).status_code == 404


def test_the_product_s_default_storage_is_this_one() -> None:
    assert isinstance(storages["default"], TenantStorage)
