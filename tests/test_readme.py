"""README.md says what is true: its variables, commands, targets, paths and links are those of the tree."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = 160  # above the reference part, with its tables of figures
VARIABLE = re.compile(
    r"LEASEHOLD_[A-Z_]+|DATABASE_URL(_[A-Z]+)?|REDIS_URL|CELERY_BROKER_URL|SECRET_KEY|DEBUG"
)
# Django's own command, which ours replaces.
NOT_SHOWN = {"migrate"}


def section(title: str) -> str:
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str) -> set[str]:
    """Return the names in the first column of a section's table."""
    cells = re.findall(r"^\| (`[^|]+) \|", section(title), re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)[^`]*`", cell)}


def read_by(module: str) -> set[str]:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {found for found in texts if VARIABLE.fullmatch(found)}


def test_the_table_of_variables_is_what_the_product_reads() -> None:
    readers = ("saas/settings.py", "saas/local.py", "saas/servers/postgres.py")
    assert rows("Configuration") == set().union(*map(read_by, readers))


def test_the_table_of_commands_is_what_the_product_has() -> None:
    ours = {name for name, app in get_commands().items() if app in ("tenants", "billing", "saas")}
    assert rows("Commands") == ours - NOT_SHOWN


def test_every_path_of_the_map_exists() -> None:
    floor = ROOT
    for line in section("The map").split("```")[1].strip().splitlines():
        names = re.split(r"\s{2,}", line.strip())[0].split()
        floor = floor if line.startswith(" ") else ROOT
        for name in names:
            assert (floor / name).exists(), line
        floor = floor if line.startswith(" ") else ROOT / names[0]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", README))))
def test_the_makefile_has_the_target(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)]+)\)", README))))
def test_what_it_links_to_exists(link: str) -> None:
    assert (ROOT / link).exists()


def test_it_is_short_enough_to_be_read() -> None:
    assert len(README.split("\n## Commands\n")[0].splitlines()) <= LINES
