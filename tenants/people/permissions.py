"""What there is to be permitted: each app declares its permissions in its `permissions.py`, read once at the start."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.module_loading import autodiscover_modules

from tenants.models import Role

EVERYBODY = (Role.VIEWER, Role.EDITOR, Role.ADMIN)
EDITORS = (Role.EDITOR, Role.ADMIN)
ADMINS = (Role.ADMIN,)
OWNERS = (Role.OWNER,)


@dataclass(frozen=True, slots=True)
class Permission:
    """A code such as `products.write`, what it means to people, and the built-in roles that include it.

    covers names permissions of Django (`commerce.change_product`) that whoever holds this one has as well.
    """

    code: str
    text: str
    roles: frozenset[str]
    covers: frozenset[str] = field(default=frozenset())


_declared: dict[str, Permission] = {}
_of_role: dict[str, frozenset[str]] = {role: frozenset() for role in Role.values}
_named: dict[str, frozenset[str]] = {}  # asked by every `has_perm`


def declare(code: str, text: str, roles: Iterable[str], *, covers: Iterable[str] = ()) -> Permission:
    """Add a permission. An owner always holds it, else nobody could ever grant it.

    Raises ValueError when the code was declared with another meaning.
    """
    made = Permission(code, text, frozenset(map(Role, (*roles, Role.OWNER))), frozenset(covers))
    if _declared.setdefault(code, made) != made:
        raise ValueError(f"{code} is declared already, with another text or for other roles.")
    for role in made.roles:
        _of_role[role] |= {code}
    for name in (code, *made.covers):
        _named[name] = _named.get(name, frozenset()) | {code}
    return made


def discover() -> None:
    """Import the `permissions.py` of every installed app; called once, when the apps are ready."""
    autodiscover_modules("permissions")


def declared() -> list[Permission]:
    """Return all permissions by code."""
    return [_declared[code] for code in sorted(_declared)]


def known() -> frozenset[str]:
    return frozenset(_declared)


def of_role(role: str) -> frozenset[str]:
    """Return what a built-in role includes."""
    return _of_role[role]


def require_known(code: str) -> None:
    """Raise ValueError for a permission that nobody declared."""
    if code not in _declared:
        raise ValueError(f"{code!r} is no permission. Known: {', '.join(sorted(_declared))}.")


def named(name: str) -> frozenset[str]:
    """Return the codes of which any one gives what name asks for: itself, or those that cover Django's name."""
    return _named.get(name, frozenset())


def of_app(label: str) -> frozenset[str]:
    """Return the codes of which any one lets somebody do something in the app of this label."""
    start = f"{label}."
    return frozenset(
        code
        for code, one in _declared.items()
        if code.startswith(start) or any(name.startswith(start) for name in one.covers)
    )
