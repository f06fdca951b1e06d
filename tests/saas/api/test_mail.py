"""Who may say how a tenant's mails name their sender, and what no name may contain."""

from typing import Any

import pytest

from tenants import context
from tenants.directory import Entry
from tenants.models import AuditEntry, MailSettings
from tenants.testing import TenantClient

URL = "/api/v1/mail"
DEFAULT = {"sender_name": "", "reply_to": ""}


def patch(client: TenantClient, **body: Any) -> Any:
    return client.patch(URL, body, content_type="application/json")


def test_what_is_sent_is_changed_and_the_record_says_who_did(admin: TenantClient, shop: Entry) -> None:
    assert admin.get(URL).json() == DEFAULT
    assert patch(admin, sender_name=" Acme Outdoor ").json() == {**DEFAULT, "sender_name": "Acme Outdoor"}
    both = {"sender_name": "Acme Outdoor", "reply_to": "help@acme.example"}
    assert patch(admin, reply_to="help@acme.example").json() == both
    assert patch(admin, **both).json() == both  # nothing to change, nothing to record
    assert patch(admin, sender_name=None).json() == {**both, "sender_name": ""}
    assert admin.get(URL).json() == {**both, "sender_name": ""}
    with context.use(shop):
        rows = AuditEntry.objects.filter(action="mail.configured").order_by("id")
        found = [(row.before, row.after) for row in rows]
        assert len(set(rows.values_list("actor", flat=True))) == 1
        assert "person" in rows[0].actor
    first = {**DEFAULT, "sender_name": "Acme Outdoor"}
    assert found == [(None, first), (first, both), (both, {**both, "sender_name": ""})]


def test_only_who_may_reads_and_sets_it(
    editor: TenantClient, viewer: TenantClient, anonymous: TenantClient, shop: Entry
) -> None:
    for client, status in ((editor, 403), (viewer, 403), (anonymous, 401)):
        assert [client.get(URL).status_code, patch(client, sender_name="x").status_code] == [status] * 2
    with context.use(shop):
        assert not MailSettings.objects.exists()


def test_it_is_one_tenant_s(admin: TenantClient, outsider: TenantClient) -> None:
    patch(admin, sender_name="Acme")
    assert outsider.get(URL).json() == DEFAULT
    patch(outsider, sender_name="Globex")
    assert admin.get(URL).json()["sender_name"] == "Acme"
    here = TenantClient(outsider.tenant)
    here.defaults["HTTP_AUTHORIZATION"] = admin.defaults["HTTP_AUTHORIZATION"]
    assert patch(here, sender_name="Acme").status_code == 401
    assert outsider.get(URL).json()["sender_name"] == "Globex"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sender_name", "Acme\r\nBcc: all@acme.example"),
        ("sender_name", "Acme\nX"),
        ("sender_name", 'Acme" <security@bank.example>, "'),
        ("sender_name", "security@bank.example"),
        ("sender_name", "security\uff20bank.example"),
        ("sender_name", "security\ufe6bbank.example"),
        ("sender_name", "Acme \u202eknab"),
        ("sender_name", "Acme\u0000"),
        ("sender_name", "x" * 61),
        ("reply_to", "help@acme.example\r\nBcc: all@acme.example"),
        ("reply_to", "a@acme.example, b@acme.example"),
        ("reply_to", '"a, b"@acme.example'),
        ("reply_to", "Bank <help@acme.example>"),
        ("reply_to", "help"),
    ],
)
def test_what_writes_headers_or_passes_for_another_address_is_refused(
    admin: TenantClient, shop: Entry, field: str, value: str
) -> None:
    answer = patch(admin, **{field: value})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_sender")
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert admin.get(URL).json() == DEFAULT
    with context.use(shop):
        assert not AuditEntry.objects.filter(action="mail.configured").exists()


def test_a_field_that_there_is_not_is_refused(admin: TenantClient) -> None:
    assert patch(admin, sender_address="boss@bank.example").status_code == 422
