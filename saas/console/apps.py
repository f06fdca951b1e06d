"""The app `console`: the operators' admin site."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "saas.console"
    label = "console"
    verbose_name = "Console"
