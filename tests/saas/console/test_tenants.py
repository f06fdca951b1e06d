"""The pages about tenants: each button calls one verb, says what happened, and leaves its audit entry."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from billing.models import Plan, Subscription
from tenants import audit_log, context, lifecycle, tasks
from tenants.models import AuditEntry, AuditSealedEntry, Backup, Tenant, User
from tests.saas.console.conftest import Browser, messages

Find = Callable[[str], Tenant]


def entries(tenant: Tenant, action: str) -> list[AuditEntry]:
    with context.operator():
        return list(AuditEntry.objects.filter(tenant=tenant, action=action))


def test_suspending_asks_for_a_reason_first(console: Browser, operator: User, tenants: Find) -> None:
    answer = console.press("suspend", tenants("acme"))
    assert 'name="reason"' in answer.content.decode()
    assert tenants("acme").suspended_at is None


def test_suspending_without_a_reason_changes_nothing(console: Browser, operator: User, tenants: Find) -> None:
    answer = console.press("suspend", tenants("acme"), reason=" ")
    assert "This field is required" in answer.content.decode()
    assert tenants("acme").suspended_at is None
    assert entries(tenants("acme"), "tenant.suspended") == []


def test_suspending_closes_the_tenant_and_records_who_and_why(
    console: Browser, operator: User, tenants: Find
) -> None:
    answer = console.press("suspend", tenants("acme"), tenants("globex"), reason="unpaid")
    assert messages(answer) == [
        "Suspended acme and globex: members are refused at once, and the host answers 403 within two seconds."
    ]
    for slug in ("acme", "globex"):
        assert tenants(slug).suspended_at is not None
        assert tenants(slug).suspended_reason == "unpaid"
    [entry] = entries(tenants("acme"), "tenant.suspended")
    assert (entry.actor, entry.actor_id) == (operator.email, operator.pk)
    assert (entry.after, entry.source) == ({"reason": "unpaid"}, "POST /tenants/tenant/")
    assert tenants("initech").suspended_at is None


def test_resuming_opens_it_again_and_leaves_the_others(
    console: Browser, operator: User, tenants: Find
) -> None:
    console.press("suspend", tenants("acme"), reason="unpaid")
    answer = console.press("resume", tenants("acme"), tenants("globex"))
    assert messages(answer) == [
        "Resumed acme: the host answers again within two seconds.",
        "Left as it was: globex (active).",
    ]
    assert tenants("acme").suspended_at is None
    assert len(entries(tenants("acme"), "tenant.resumed")) == 1
    assert entries(tenants("globex"), "tenant.resumed") == []


def test_a_destroyed_tenant_is_left_alone_when_another_has_its_slug_now(
    console: Browser, operator: User, tenants: Find
) -> None:
    """Verbs go by slug; suspending the destroyed one must not hit the one that lives."""
    with context.owner():
        gone = Tenant.objects.create(slug="acme-old", name="Acme", destroyed_at=timezone.now())
        Tenant.objects.filter(pk=gone.pk).update(slug="acme")
    answer = console.press("suspend", gone, reason="unpaid")
    assert messages(answer) == ["Left as it was: acme (destroyed)."]
    with context.operator():
        assert Tenant.objects.filter(slug="acme", suspended_at__isnull=True).count() == 2


def test_a_button_of_the_tenants_own_page_leads_back_to_it(
    console: Browser, operator: User, tenants: Find
) -> None:
    acme = tenants("acme")
    page = f"/tenants/tenant/{acme.pk}/change/"
    assert 'value="suspend"' in console.get(page).content.decode()
    answer = console.press("suspend", acme, reason="unpaid", stay="1")
    assert answer.redirect_chain == [(page, 302)]
    assert 'value="resume"' in answer.content.decode()


def test_backing_up_asks_for_a_backup_and_hands_it_to_a_worker(
    console: Browser, operator: User, tenants: Find
) -> None:
    with patch.object(tasks.take_backup, "apply_async") as publish:
        answer = console.press("back_up", tenants("acme"))
    assert messages(answer)[0].startswith("Asked for a backup of acme")
    with context.operator():
        backup = Backup.objects.get()
    assert (backup.tenant_id, backup.requested_by, backup.state) == (
        tenants("acme").id,
        operator.email,
        "requested",
    )
    assert publish.call_args.args == ([str(backup.id)],)
    assert publish.call_args.kwargs["tenant"].id == tenants("acme").id
    assert len(entries(tenants("acme"), "backup.requested")) == 1


def test_a_verb_that_refuses_is_reported_and_the_others_are_kept(
    console: Browser, operator: User, tenants: Find
) -> None:
    real = lifecycle.suspend

    def refuse_acme(slug: str, **options: str) -> Tenant:
        return real("nobody" if slug == "acme" else slug, **options)

    with patch.object(lifecycle, "suspend", refuse_acme):
        answer = console.press("suspend", tenants("acme"), tenants("globex"), reason="unpaid")
    assert [text.split(":")[0] for text in messages(answer)] == ["acme", "Suspended globex"]
    assert tenants("globex").suspended_at is not None


def test_tenants_are_neither_added_nor_deleted_here(console: Browser, operator: User, tenants: Find) -> None:
    assert "manage.py tenant_create" in console.get("/tenants/tenant/").content.decode()
    assert console.get("/tenants/tenant/add/").status_code == 403
    assert console.post(f"/tenants/tenant/{tenants('acme').pk}/delete/", {"post": "yes"}).status_code == 403
    answer = console.press("delete_selected", tenants("acme"), post="yes")
    assert "No action selected" in messages(answer)[0]
    assert tenants("acme").destroyed_at is None


def test_a_new_name_is_saved_with_its_audit_entry(console: Browser, operator: User, tenants: Find) -> None:
    answer = rename(console, tenants("acme"), "Acme Ltd")
    assert answer.status_code == 302
    assert tenants("acme").name == "Acme Ltd"
    [entry] = entries(tenants("acme"), "tenant.changed")
    assert (entry.before, entry.after) == ({"name": "Acme"}, {"name": "Acme Ltd"})
    assert entry.actor_id == operator.pk


def test_saving_without_a_change_records_nothing(console: Browser, operator: User, tenants: Find) -> None:
    assert rename(console, tenants("acme"), "Acme").status_code == 302
    assert entries(tenants("acme"), "tenant.changed") == []


def test_a_form_writes_only_the_name(console: Browser, operator: User, tenants: Find) -> None:
    """What somebody else changed while the form was open stays: here a suspension between reading and saving."""
    real = Tenant.save

    def save_late(tenant: Tenant, **options: object) -> None:
        Tenant.objects.filter(pk=tenant.pk).update(suspended_at=timezone.now())
        real(tenant, **options)  # type: ignore[arg-type]

    with patch.object(Tenant, "save", save_late):
        rename(console, tenants("acme"), "Acme Ltd")
    assert tenants("acme").name == "Acme Ltd"
    assert tenants("acme").suspended_at is not None


def test_the_list_finds_and_filters(console: Browser, operator: User, tenants: Find) -> None:
    console.press("suspend", tenants("globex"), reason="unpaid")
    assert listed(console, "q=initech.localhost") == ["initech"]
    assert listed(console, "state=suspended") == ["globex"]
    assert listed(console, "state=active") == ["acme", "initech"]
    assert listed(console, "state=nonsense") == ["acme", "globex", "initech"]
    assert listed(console, "plan=pro") == ["acme"]
    acme = tenants("acme")
    with context.owner():
        Subscription.objects.filter(tenant=acme).update(ended_at=timezone.now())
    assert listed(console, "plan=pro") == []
    assert listed(console, "plan=none") == ["acme"]


def test_the_list_shows_plan_members_and_last_backup(console: Browser, operator: User, tenants: Find) -> None:
    acme = tenants("acme")
    with context.owner():
        Backup.objects.create(tenant=acme, requested_by="test", finished_at=timezone.now())
        Plan.objects.filter(code="pro").update(name="Professional")
    rows = {row.slug: row for row in console.get("/tenants/tenant/").context["cl"].result_list}
    assert (rows["acme"].plan_name, rows["acme"].member_count) == ("Professional", 1)
    assert rows["globex"].plan_name == "Free"
    assert rows["acme"].backed_up_at is not None
    assert rows["globex"].backed_up_at is None


def test_a_backup_shows_the_id_that_backup_restore_asks_for(
    console: Browser, operator: User, tenants: Find
) -> None:
    with context.operator():
        backup = Backup.objects.create(tenant=tenants("acme"), requested_by="test")
    page = console.get(f"/tenants/backup/{backup.pk}/change/").content.decode()
    assert re.search(rf">\s*{backup.pk}\s*<", page)


def test_a_tenant_shows_since_when_it_is_strict(console: Browser, operator: User, tenants: Find) -> None:
    with context.operator():
        Tenant.objects.filter(slug="acme").update(strict_since=datetime(2026, 3, 4, 5, 6, tzinfo=UTC))
    page = console.get(f"/tenants/tenant/{tenants('acme').pk}/change/").content.decode()
    assert "Strict since (UTC)" in page
    assert "2026-03-04 05:06" in page


def test_the_history_of_a_tenant_is_its_record(console: Browser, operator: User, tenants: Find) -> None:
    answer = console.get(f"/tenants/tenant/{tenants('acme').pk}/history/", follow=True)
    assert {entry.tenant_id for entry in answer.context["cl"].result_list} == {tenants("acme").id}


def test_what_salts_a_tenants_signatures_is_not_shown(
    console: Browser, operator: User, tenants: Find
) -> None:
    page = console.get(f"/tenants/tenant/{tenants('acme').pk}/change/").content.decode()
    assert tenants("acme").epoch not in page


def test_records_are_read_only(console: Browser, operator: User, tenants: Find) -> None:
    with context.operator():
        entry = AuditEntry.objects.filter(tenant=tenants("acme"))[0]
    assert console.get(f"/tenants/auditentry/{entry.pk}/change/").status_code == 200
    assert console.post(f"/tenants/auditentry/{entry.pk}/change/", {"action": "forged"}).status_code == 403
    assert console.post(f"/tenants/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    for model in ("domain", "membership", "operator", "auditentry", "backup"):
        assert console.get(f"/tenants/{model}/add/").status_code == 403


def test_the_record_is_searched_over_tenants_and_says_what_is_sealed(
    console: Browser, operator: User, tenants: Find
) -> None:
    for slug in ("acme", "globex"):
        with context.operator():
            audit_log.record(tenants(slug).id, "searched.for", by=f"{slug} robot", subject="lamp")
    pages = []
    for query in ("q=acme+robot", "q=searched.for", "q=nobody+did"):
        answer = console.get(f"/tenants/auditentry/?{query}")
        pages.append({entry.actor for entry in answer.context["cl"].result_list})
    assert pages[0] == {"acme robot"}
    assert pages[1] == {"acme robot", "globex robot"}
    assert pages[2] == set()
    seal = AuditSealedEntry(tenant=tenants("acme"), number=1, position=0, digest="0")
    with context.operator():
        seal.entry_id = AuditEntry.objects.get(actor="acme robot").pk
    with context.owner():
        seal.save(force_insert=True)
    found = console.get("/tenants/auditentry/?q=searched.for").context["cl"].result_list
    assert {entry.actor: entry.is_sealed for entry in found} == {"acme robot": True, "globex robot": False}


def listed(console: Browser, query: str) -> list[str]:
    return [tenant.slug for tenant in console.get(f"/tenants/tenant/?{query}").context["cl"].result_list]


def rename(console: Browser, tenant: Tenant, name: str) -> Any:
    rows = {
        f"{prefix}-{field}": "0"
        for prefix in ("domains", "memberships")
        for field in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return console.post(f"/tenants/tenant/{tenant.pk}/change/", {"name": name, **rows})
