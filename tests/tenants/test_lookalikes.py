"""Skeletons and scripts: what can be taken for each other has one skeleton."""

import pytest

from tenants import lookalikes


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("acme", "acrne"),
        ("paypal", "paypa1"),
        ("google", "g00gle"),
        ("wave", "vvave"),
        ("modern", "rnodem"),
        ("acme.example", "асmе.example"),
        ("paypal.example", "раураl.example"),
        ("cop.example", "сор.example"),
        ("bucher.example", "bücher.example"),
        ("acme.example", "acmé.example"),
        ("soap.example", "ѕоар.example"),
        ("nova.example", "nονα.example"),
        ("aesop.example", "æsop.example"),
    ],
)
def test_what_looks_the_same_has_one_skeleton(one: str, other: str) -> None:
    assert lookalikes.skeleton(one) == lookalikes.skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("acme", "acne"),
        ("hail", "hall"),
        ("ac-me", "acme"),
        ("shop1", "shop2"),
        ("acme.example", "acme.test"),
    ],
)
def test_what_can_be_told_apart_has_two(one: str, other: str) -> None:
    assert lookalikes.skeleton(one) != lookalikes.skeleton(other)


@pytest.mark.parametrize(
    ("label", "mixed"),
    [
        ("acme", False),
        ("acme-2", False),
        ("bücher", False),
        ("москва", False),
        ("日本語テスト", False),
        ("abc漢字", False),
        ("한국어abc", False),
        ("аcme", True),
        ("αcme", True),
        ("москва日", True),
        ("한かな", True),
        ("ᏟᎯ", True),  # Cherokee alone is not in everyday use
    ],
)
def test_scripts_that_do_not_belong_together_are_mixed(label: str, mixed: bool) -> None:
    assert lookalikes.is_mixed(label) is mixed
