"""The app `tenants`: floor 0."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = "Tenants"

    def ready(self) -> None:
        from tenants import checks, guard  # noqa: F401  registers the system checks

        guard.install()
