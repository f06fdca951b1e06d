"""The product's own settings, with views that try what a view of a tenant app may do."""

from saas.settings import *  # noqa: F403

ROOT_URLCONF = "tests.servers.urls"
