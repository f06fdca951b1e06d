"""The app `saas`: floor 2, the running product."""

from django.apps import AppConfig


class SaasConfig(AppConfig):
    name = "saas"

    def ready(self) -> None:
        from saas import celery  # noqa: F401  else a web process would publish to Celery's default broker
