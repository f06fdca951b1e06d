"""Prove from the catalog and the application that tenants are kept apart."""

from collections import Counter
from typing import IO, Any, cast

from django.core.management.base import CommandError
from rich.console import Console
from rich.table import Table

from tenants.audit import allowed, report
from tenants.audit.findings import Severity
from tenants.management.console import OperatorCommand

STYLE = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


class Command(OperatorCommand):
    help = (
        "Read the catalog and the application, and name each object that does not keep tenants apart, with its repair."
        " Exits with 1 on any error; warnings are shown."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.failed = 0
        super().handle(*args, **options)
        if self.failed:
            raise CommandError(f"Isolation is not proven: {self.failed} errors, see above.")

    def perform(self, **options: Any) -> dict[str, Any]:
        findings = report.collect()
        counts = Counter(finding.severity for finding in findings)
        self.failed = counts[Severity.ERROR]
        return {
            "findings": [
                {name: getattr(finding, name) for name in ("rule", "severity", "object", "problem", "repair")}
                for finding in findings
            ],
            "counts": {severity: counts[severity] for severity in Severity},
            "exceptions": [
                {"rule": rule, "object": name, "reason": reason}
                for (rule, name), reason in sorted(allowed.declared().items())
            ],
        }

    def show(self, result: Any) -> None:
        """Print one table, a section for each rule; the exceptions only as a number."""
        if result["findings"]:
            self._show_findings(result["findings"])
        errors, warnings = (result["counts"][severity] for severity in Severity)
        self.stdout.write(
            f"{errors} errors, {warnings} warnings; {len(result['exceptions'])} exceptions are declared (see --json)."
        )

    def _show_findings(self, findings: list[dict[str, Any]]) -> None:
        table = Table("rule", "what is wrong, and how to repair it")
        shown = ""
        for finding in findings:
            if finding["rule"] != shown:
                table.add_section()
            rule = "" if finding["rule"] == shown else finding["rule"]
            shown = finding["rule"]
            style = STYLE[finding["severity"]]
            table.add_row(
                f"[{style}]{rule}[/]",
                f"[bold]{_plain(finding['object'])}[/]\n{_plain(finding['problem'])}\n→ {_plain(finding['repair'])}",
            )
        Console(file=cast(IO[str], self.stdout)).print(table)


def _plain(text: str) -> str:
    """Return text in one line, with nothing in it that rich would take for a style."""
    return " ".join(text.split()).replace("[", "\\[")
