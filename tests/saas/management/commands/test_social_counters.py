"""The counters of one tenant's community are compared and repaired by a command."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from saas.social.models import Post
from tenants import context
from tenants.directory import Entry
from tests.saas.social.factories import PostFactory

pytestmark = pytest.mark.usefixtures("fresh_db")


def run(*arguments: str) -> Any:
    out = StringIO()
    call_command("social_counters", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_it_finds_and_repairs_what_is_wrong_in_this_tenant_alone(globex: Entry, initech: Entry) -> None:
    keys = {}
    for tenant in (globex, initech):
        with context.use(tenant):
            keys[tenant.slug] = PostFactory().pk
            Post.objects.update(likes=7)
    wrong = [{"counter": "post.likes", "id": str(keys["globex"]), "kept": 7, "counted": 0}]
    with pytest.raises(CommandError, match="1 counters are wrong"):
        run("globex", "--check")
    assert run("globex") == wrong
    assert run("globex", "--check") == run("globex") == []
    with context.use(globex):
        assert Post.objects.get().likes == 0
    with context.use(initech):
        assert Post.objects.get().likes == 7


def test_it_wants_a_tenant_that_there_is() -> None:
    with pytest.raises(CommandError, match="There is no tenant"):
        run("nobody")
