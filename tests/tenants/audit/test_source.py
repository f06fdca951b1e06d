"""tenants.audit.source: what signs for every tenant alike is found under whatever name it is imported."""

import ast
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tenants.audit import allowed, source

DUMPS, HMAC = "django.core.signing.dumps", "django.utils.crypto.salted_hmac"
PLANTED = [
    ("from django.core import signing\nsigning.dumps(1)", DUMPS),
    ("from django.core import signing as s\ns.dumps(1)", DUMPS),
    ("import django.core.signing\ndjango.core.signing.dumps(1)", DUMPS),
    ("import django.core.signing as x\ndef f():\n    return x.dumps(1)", DUMPS),
    ("import django.core\ndjango.core.signing.dumps(1)", DUMPS),
    ("from django import core\ncore.signing.dumps(1)", DUMPS),
    ("from django.core.signing import dumps", DUMPS),
    ("from django.core.signing import dumps as d", DUMPS),
    ("def f():\n    from django.core.signing import dumps", DUMPS),
    ("from django.core import signing\nf = signing.dumps", DUMPS),
    ("from django.core.signing import *", "django.core.signing.*"),
    ("from django.core import signing\nsigning.loads(x)", "django.core.signing.loads"),
    ("from django.core import signing\nsigning.Signer()", "django.core.signing.Signer"),
    ("from django.core import signing\nclass S(signing.TimestampSigner): pass", "django.core.signing.TimestampSigner"),
    ("from django.core import signing\nsigning.get_cookie_signer()", "django.core.signing.get_cookie_signer"),
    ("from django.utils.crypto import salted_hmac", HMAC),
    ("from django.utils import crypto\ncrypto.salted_hmac('a', 'b')", HMAC),
    ("from django.contrib.auth import tokens\ntokens.default_token_generator", "django.contrib.auth.tokens.default_token_generator"),
    ("from django.contrib.auth.tokens import PasswordResetTokenGenerator", "django.contrib.auth.tokens.PasswordResetTokenGenerator"),
    ("response.set_signed_cookie('a', 'b')", "set_signed_cookie"),
    ("request.get_signed_cookie('a')", "get_signed_cookie"),
]  # fmt: skip
HARMLESS = [
    "from tenants import signing\nsigning.dumps(1, salt='x')",
    "import json\njson.dumps(1)",
    "from django.core import signing\ntry:\n    pass\nexcept signing.BadSignature:\n    pass",
    "from django.utils.crypto import constant_time_compare, get_random_string",
    "dumps(1)",
]


@pytest.mark.parametrize(("text", "name"), PLANTED)
def test_what_signs_without_the_tenant_is_found(text: str, name: str) -> None:
    assert list(source.signers(ast.parse(text))) == [name]
    assert source.WORDS.search(text)  # else the module would not be parsed


@pytest.mark.parametrize("text", HARMLESS)
def test_what_signs_nothing_or_with_the_tenant_is_not(text: str) -> None:
    assert source.signers(ast.parse(text)) == {}


def test_the_first_line_is_named() -> None:
    text = "from django.core import signing\n\nsigning.dumps(1)\nsigning.dumps(2)"
    assert source.signers(ast.parse(text)) == {DUMPS: 3}


def test_this_project_signs_with_the_tenant_or_says_why_not() -> None:
    declared = {known for known in allowed.declared() if known[0] == source.RULE}
    found = list(source.find(None))
    assert {(one.rule, one.object) for one in found} == declared
    assert all(source.DOOR in one.repair for one in found)


@pytest.fixture
def project(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one app, `site.shop`, and nothing in it yet."""
    settings.BASE_DIR = tmp_path
    path = tmp_path / "site" / "shop"
    path.mkdir(parents=True)
    config: Any = SimpleNamespace(name="site.shop", path=str(path))
    monkeypatch.setattr("django.apps.apps.get_app_configs", lambda: [config])
    return path


def test_every_module_of_the_package_that_an_app_stands_in_is_read(project: Path) -> None:
    (project / "views.py").write_text("from django.core.signing import dumps\n")
    (project.parent / "links.py").write_text("from django.utils.crypto import salted_hmac\n")
    (project.parent / "__init__.py").write_text("from django.core.signing import loads\n")
    assert sorted(one.object for one in source.find(None)) == [
        "django.core.signing.dumps in site.shop.views",
        "django.core.signing.loads in site",
        "django.utils.crypto.salted_hmac in site.links",
    ]


def test_a_package_that_is_installed_is_not_the_projects_own(project: Path, settings: Any) -> None:
    (project / "views.py").write_text("from django.core.signing import dumps\n")
    settings.BASE_DIR = project / "elsewhere"
    assert list(source.find(None)) == []
