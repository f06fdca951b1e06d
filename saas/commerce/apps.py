"""The shop: an ordinary Django app that knows nothing of tenants."""

from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "saas.commerce"
    label = "commerce"
    verbose_name = "Shop"
