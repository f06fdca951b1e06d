"""The app `saas`: floor 2, the running product."""

from django.apps import AppConfig


class SaasConfig(AppConfig):
    name = "saas"
