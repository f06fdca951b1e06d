"""The product's settings with the views of `small_site`: what a real web server in a test is told to serve."""

from saas.settings import *  # noqa: F403

ROOT_URLCONF = "tests.tenants.small_site"
