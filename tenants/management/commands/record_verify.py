"""Find out whether somebody changed the record of who did what."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress

from tenants import context, exceptions
from tenants.management.console import OperatorCommand
from tenants.models import AuditSeal, Tenant
from tenants.record import verifying


class Command(OperatorCommand):
    help = (
        "Walk the chain of seals over a tenant's record, and name what was changed, deleted, inserted or cut off."
        " Keep the head that it prints somewhere else: only --head shows that the end of a chain is gone."
        " Exits with 1 on any finding."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", nargs="?")
        parser.add_argument(
            "--all", action="store_true", help="Every tenant that has a chain, destroyed ones too."
        )
        parser.add_argument("--head", default="", metavar="HASH", help="A head that was printed before.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.failed = 0
        if bool(options["slug"]) == options["all"]:
            raise CommandError("Name a tenant, or --all.")
        if options["head"] and options["all"]:
            raise CommandError("A head belongs to one tenant. Name it.")
        super().handle(*args, **options)
        if self.failed:
            raise CommandError(f"The record was tampered with: {self.failed} findings, see above.")

    def perform(self, **options: Any) -> list[dict[str, Any]]:
        tenants = self._tenants(options["slug"])
        result = []
        with Progress(console=Console(stderr=True), transient=True, disable=options["json"]) as bar:
            task = bar.add_task("entries", total=sum(count for *_, count in tenants))
            for tenant_id, slug, _ in tenants:
                verdict = verifying.verify(
                    tenant_id, head=options["head"], progress=lambda count: bar.advance(task, count)
                )
                self.failed += len(verdict.findings)
                result.append({"slug": slug, "id": tenant_id, **asdict(verdict)})
        return result

    def show(self, result: Any) -> None:
        for found in result:
            for finding in found["findings"]:
                at = f"entry {finding['entry']}" if finding["entry"] else f"seal {finding['seal']}"
                self.stdout.write(f"{found['slug']}: {finding['rule']} at {at}: {finding['problem']}")
        super().show(
            [
                {
                    name: len(value) if name == "findings" else value
                    for name, value in found.items()
                    if name != "id"
                }
                for found in result
            ]
        )

    def _tenants(self, slug: str | None) -> list[tuple[Any, str, int]]:
        with context.owner():
            sealed = Counter[Any]()
            for tenant_id, count in AuditSeal.objects.values_list("tenant_id", "entry_count"):
                sealed[tenant_id] += count
            found = Tenant.objects.order_by("slug", "created_at")
            found = found.filter(slug=slug, destroyed_at__isnull=True) if slug else found
            rows = [(tenant.id, tenant.slug, sealed[tenant.id]) for tenant in found]
        if slug and not rows:
            raise exceptions.UnknownTenant()
        return rows
