"""The product's own settings; the environment says by which connection the login `app` goes."""

import os

from saas.settings import *  # noqa: F403
from saas.settings import DATABASES
from tests.bench.connections import apply

apply(DATABASES["default"], os.environ.get("BENCH_CONNECTION", "direct"))

ROOT_URLCONF = "tests.bench.leasehold.urls"
PASSWORD_HASHERS = ["tests.bench.web.hashers.QuickHasher"]
LEASEHOLD_TRIES_SCALE = 1_000_000  # the attacks come from one address
LEASEHOLD_SSO_LOOPBACK = True  # the attacks bring an identity provider of their own
