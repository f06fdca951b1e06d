"""Rules that the source answers: the syntax of every module of the project's own apps. It imports and runs none."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings

from tenants.audit.findings import Finding

RULE = "signer-unsalted"
DOOR = "tenants.signing"
# What signs with SECRET_KEY alone, whoever the tenant is.
SIGNERS = {
    "django.core.signing": {"dumps", "loads", "Signer", "TimestampSigner", "get_cookie_signer"},
    "django.utils.crypto": {"salted_hmac"},
    "django.contrib.auth.tokens": {"PasswordResetTokenGenerator", "default_token_generator"},
}
COOKIES = {"set_signed_cookie", "get_signed_cookie"}
# One of these stands in every module that signs; the others need not be parsed.
WORDS = re.compile("signing|crypto|tokens|signed_cookie")


def find(_: Any) -> Iterator[Finding]:
    """Yield each module that signs without the tenant. One finding for a name in a module, however often it is used."""
    for module, path in modules():
        text = path.read_text(encoding="utf-8")
        if module != DOOR and WORDS.search(text):
            for name, line in sorted(signers(ast.parse(text)).items()):
                yield Finding(
                    RULE,
                    f"{name} in {module}",
                    f"Line {line} signs for every tenant alike: what one was given is valid in another.",
                    f"Use {DOOR}, or name it with the reason in audit_allows of an AppConfig.",
                )


def modules() -> Iterator[tuple[str, Path]]:
    """Yield name and file of every module in the packages of installed apps that lie in BASE_DIR or are ours."""
    seen: set[Path] = set()
    for root, package in sorted({_package(config) for config in apps.get_app_configs() if _is_own(config)}):
        for path in sorted(root.rglob("*.py")):
            if path not in seen:
                seen.add(path)
                parts = (package, *path.relative_to(root).with_suffix("").parts)
                yield ".".join(parts).removesuffix(".__init__"), path


def signers(tree: ast.Module) -> dict[str, int]:
    """Return the names that sign, dotted and in full, each with the first line that uses it."""
    modules_by_name = _imports(tree)
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        for name in _signers_at(node, modules_by_name):
            found.setdefault(name, getattr(node, "lineno", 0))
    return found


def _signers_at(node: ast.AST, imported: dict[str, str]) -> Iterator[str]:
    match node:
        case ast.ImportFrom(module=str(module), names=names) if module in SIGNERS:
            yield from (f"{module}.{one.name}" for one in names if one.name in SIGNERS[module] | {"*"})
        case ast.Attribute(attr=attr, value=value):
            module = _dotted(value, imported)
            if attr in SIGNERS.get(module, ()):
                yield f"{module}.{attr}"
            elif attr in COOKIES:
                yield attr


def _imports(tree: ast.Module) -> dict[str, str]:
    """Return which module each imported name stands for, so that an alias hides nothing."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                first = one.name.split(".", 1)[0]
                found[one.asname or first] = one.name if one.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.update({one.asname or one.name: f"{node.module}.{one.name}" for one in node.names})
    return found


def _dotted(node: ast.expr, imported: dict[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return imported.get(name, name)
        case ast.Attribute(attr=attr, value=value):
            return f"{_dotted(value, imported)}.{attr}"
    return ""


def _package(config: Any) -> tuple[Path, str]:
    """Return folder and name of the top package that an app stands in: its neighbours sign as well."""
    depth = config.name.count(".")
    path = Path(config.path).resolve()
    return (path.parents[depth - 1] if depth else path), config.name.split(".", 1)[0]


def _is_own(config: Any) -> bool:
    path = Path(config.path).resolve()
    ours = config.name == __name__.split(".", 1)[0] or hasattr(config, "audit_allows")
    return ours or (
        path.is_relative_to(Path(settings.BASE_DIR).resolve()) and "site-packages" not in path.parts
    )
