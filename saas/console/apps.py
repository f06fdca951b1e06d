"""The app `console`: the operators' admin site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConsoleConfig(AppConfig):
    name = "saas.console"
    label = "console"
    verbose_name = "Console"


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin, with our site as the one that `admin.site` stands for."""

    default = False  # `saas.console` in INSTALLED_APPS is ConsoleConfig.
    default_site = "saas.console.site.ConsoleSite"
