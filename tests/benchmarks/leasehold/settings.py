"""The product's own settings; the views of the benchmark stand beside its own."""

from saas.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.leasehold.urls"
