"""The app `saas`: floor 2, the running product."""

from typing import ClassVar

from django.apps import AppConfig


class SaasConfig(AppConfig):
    name = "saas"
    # Tables of Django's own apps, in `public` only.
    audit_allows: ClassVar = {
        "shared-table-undeclared": {
            "table public.django_content_type": "What models there are, the same for all.",
            "table public.auth_permission": "What can be permitted, the same for all.",
            "table public.auth_group": "Unused: members have roles; only the console reads it.",
            "table public.auth_group_permissions": "Unused: members have roles; nobody reads it.",
            "table public.django_admin_log": "What operators did in the console; no tenant's role reads it.",
        },
    }

    def ready(self) -> None:
        from saas import celery  # noqa: F401  else a web process would publish to Celery's default broker
