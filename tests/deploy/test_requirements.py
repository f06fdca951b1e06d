"""The locks: every package pinned by hash, no host named, and what is tested is what is deployed."""

import re
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
LOCKS = ("requirements.txt", "requirements-dev.txt")
PIN = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)==(\S+)( ; [^\\]+)? \\((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+)$",
    re.MULTILINE,
)


def text(lock: str) -> str:
    return (DEPLOY / lock).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, str]:
    return {match[1]: match[2] for match in PIN.finditer(text(lock))}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock: str) -> None:
    assert pins(lock)
    assert PIN.sub("", text(lock)).strip() == ""


@pytest.mark.parametrize("lock", LOCKS)
def test_it_names_no_host(lock: str) -> None:
    assert "://" not in text(lock)


def test_what_is_tested_is_what_is_deployed() -> None:
    assert pins(LOCKS[0]).items() <= pins(LOCKS[1]).items()
