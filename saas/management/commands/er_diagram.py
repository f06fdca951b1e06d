"""Write, or check, the entity-relationship diagrams of the tenant apps."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from saas import diagrams


class Command(BaseCommand):
    help = "Draw the tables of tenant apps into docs/diagrams, one page for each app. Run it after makemigrations."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("app", nargs="*", help="Labels of apps; all tenant apps if none is given.")
        parser.add_argument(
            "--check", action="store_true", help="Write nothing; exit 1 when a page is outdated."
        )
        parser.add_argument("--dir", type=Path, default=settings.BASE_DIR / "docs" / "diagrams")

    def handle(self, *args: Any, **options: Any) -> None:
        known = [app.label for app in apps.get_app_configs() if app.name in settings.TENANT_APPS]
        if unknown := [label for label in options["app"] if label not in known]:
            raise CommandError(f"{unknown[0]!r} is no tenant app. Tenant apps are {', '.join(known)}.")
        outdated = [label for label in options["app"] or known if self._differs(label, **options)]
        if options["check"] and outdated:
            names = ", ".join(f"{label}.md" for label in outdated)
            raise CommandError(f"{names}: not what the models say. Run `manage.py er_diagram`.")

    def _differs(self, label: str, **options: Any) -> bool:
        path, text = options["dir"] / f"{label}.md", diagrams.draw(label)
        differs = not path.exists() or path.read_text(encoding="utf-8") != text
        if differs and not options["check"]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if not options["check"]:
            self.stdout.write(f"{path.name}: {'written' if differs else 'unchanged'}")
        return differs
