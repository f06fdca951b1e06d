"""The community: an ordinary Django app that knows nothing of tenants."""

from django.apps import AppConfig


class SocialConfig(AppConfig):
    name = "saas.social"
    label = "social"
    verbose_name = "Community"
