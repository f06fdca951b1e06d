"""django-tenants as its documentation sets it up; the environment says by which connection it goes."""

import os

from tests.bench.connections import apply
from tests.benchmarks.plain_tenants.settings import *  # noqa: F403
from tests.benchmarks.plain_tenants.settings import DATABASES

apply(DATABASES["default"], os.environ.get("BENCH_CONNECTION", "direct"))

ROOT_URLCONF = "tests.bench.plain_tenants.urls"
