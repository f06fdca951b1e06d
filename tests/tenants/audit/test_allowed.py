"""tenants.audit.allowed: an exception has a reason, hides one object, and is reported when it hides nothing."""

from dataclasses import replace

from django.apps import apps

from tenants.audit import allowed
from tenants.audit.findings import Finding, Severity

FOUND = Finding("table-unlogged", "table public.a", "It is unlogged.", "ALTER TABLE public.a SET LOGGED")


def test_an_exception_hides_its_rule_on_its_object_and_nothing_else() -> None:
    others = [replace(FOUND, object="table public.b"), replace(FOUND, rule="table-inherits")]
    exceptions = {("table-unlogged", "table public.a"): "A queue."}
    assert list(allowed.remaining([FOUND, *others], exceptions)) == others


def test_an_exception_that_hides_two_findings_is_used() -> None:
    exceptions = {("table-unlogged", "table public.a"): "A queue."}
    assert list(allowed.remaining([FOUND, replace(FOUND, problem="Again.")], exceptions)) == []


def test_an_exception_that_hides_nothing_is_a_warning() -> None:
    (finding,) = allowed.remaining([], {("table-unlogged", "table public.a"): "A queue."})
    assert (finding.rule, finding.severity) == (allowed.UNUSED, Severity.WARNING)
    assert finding.object == "table-unlogged: table public.a"


def test_every_declared_exception_gives_a_reason() -> None:
    declared = allowed.declared()
    assert len(declared) == sum(
        len(objects)
        for config in apps.get_app_configs()
        for objects in getattr(config, "audit_allows", {}).values()
    )
    assert all(len(reason) > 10 for reason in declared.values())
