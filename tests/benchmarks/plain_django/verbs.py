"""What the benchmarks ask of a Django project without tenants."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from tests.benchmarks import plain, shop, signin, traffic

HELD, REFUSED = "commerce.change_product", "auth.change_user"
# What ModelBackend keeps on the person from the first check on.
REMEMBERED = ("_perm_cache", "_user_perm_cache", "_group_perm_cache")


def migrate() -> None:
    plain.prepare()
    call_command("migrate", interactive=False, verbosity=0)


def furnish(name: str) -> dict[str, str]:
    """Add products and one signed-in person; return what a request needs."""
    shop.stock(name)
    return {"host": f"{name}.example.com", "session": signin.cookie(name)}


def reconnect() -> None:
    connection.close()


cpu = traffic.cpu


def join_group() -> None:
    """Have every person hold the permissions of the shop by a group, as Django's documentation has it."""
    group, _ = Group.objects.get_or_create(name="editors")
    group.permissions.set(Permission.objects.filter(content_type__app_label="commerce"))
    for user in User.objects.all():
        user.groups.add(group)


def check(way: str, times: int) -> float:
    """Return the CPU seconds of one permission check; `way` is what is known before it."""
    user = User.objects.all()[0]

    def first() -> bool:
        for name in REMEMBERED:
            user.__dict__.pop(name, None)
        return user.has_perm(HELD)

    ways: dict[str, tuple[Callable[[], bool], bool]] = {
        "person read": (lambda: User.objects.get(pk=user.pk).has_perm(HELD), True),
        "first": (first, True),
        "following": (lambda: user.has_perm(HELD), True),
        "refused": (lambda: user.has_perm(REFUSED), False),
    }
    call, expected = ways[way]
    assert call() is expected
    return traffic.cpu_of(call, times)


def count(log: str, requests: list[dict[str, str]], cold: str = "") -> dict[str, Any]:
    return traffic.count(log, requests, cache.clear if cold else lambda: None)
