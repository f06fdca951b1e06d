"""The same without tenants: one database, one schema."""

import os

from tests.benchmarks.plain_tenants.settings import *  # noqa: F403
from tests.benchmarks.plain_tenants.settings import CACHES, DATABASES, INSTALLED_APPS, MIDDLEWARE

DATABASES = {
    "default": {
        **DATABASES["default"],
        "ENGINE": "django.db.backends.postgresql",
        "ATOMIC_REQUESTS": "ATOMIC_REQUESTS" in os.environ,
    }
}
DATABASE_ROUTERS = []
INSTALLED_APPS = [
    app for app in INSTALLED_APPS if app not in ("django_tenants", "tests.benchmarks.plain_tenants")
]
MIDDLEWARE = MIDDLEWARE[1:]
CACHES = {"default": {name: CACHES["default"][name] for name in ("BACKEND", "LOCATION")}}
