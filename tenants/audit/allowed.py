"""Exceptions from the audit: what an app declares by name and with a reason, and nothing that is not there any more.

An AppConfig says `audit_allows = {rule: {object: reason}}`, with the object as the audit prints it. What ends in
`as of` and a digest is excepted as it is now: a changed function or policy is found again.
"""

from collections.abc import Iterable, Iterator

from django.apps import apps

from tenants.audit.findings import Finding, Severity

Exceptions = dict[tuple[str, str], str]
UNUSED = "exception-unused"


def declared() -> Exceptions:
    """Return the reason of each (rule, object) that an installed app declares."""
    return {
        (rule, name): reason
        for config in apps.get_app_configs()
        for rule, objects in getattr(config, "audit_allows", {}).items()
        for name, reason in objects.items()
    }


def remaining(found: Iterable[Finding], exceptions: Exceptions) -> Iterator[Finding]:
    """Yield what no exception names, then each exception that names nothing: it would hide a later fault."""
    unused = dict(exceptions)
    for finding in found:
        if (finding.rule, finding.object) in exceptions:
            unused.pop((finding.rule, finding.object), None)
        else:
            yield finding
    for rule, name in unused:
        yield Finding(
            UNUSED,
            f"{rule}: {name}",
            "An exception is declared for it, and there is nothing to except.",
            "Remove it from audit_allows of the AppConfig that declares it.",
            Severity.WARNING,
        )
