"""gunicorn's access log, in the demo and in the image: no query, which may hold a token, and no Referer."""

import json
import re

import pytest
from django.conf import settings

from saas.demo import web

DOCKERFILE = settings.BASE_DIR / "deploy" / "Dockerfile"


def of_the_image() -> str:
    command = next(line for line in DOCKERFILE.read_text().splitlines() if line.startswith("CMD "))
    arguments: list[str] = json.loads(command.removeprefix("CMD "))
    return arguments[arguments.index("--access-logformat") + 1]


@pytest.mark.parametrize("form", [web.access_log_format, of_the_image()], ids=["demo", "image"])
def test_a_line_holds_method_and_path_and_nothing_that_is_secret(form: str) -> None:
    found = set(re.findall(r"%\(([^)]+)\)s", form))
    assert {"m", "U", "s"} <= found
    # r: the request line, q: the query, f: Referer; `{...}i`: a header, such as Cookie.
    assert not found & {"r", "q", "f"}
    assert "{" not in form
