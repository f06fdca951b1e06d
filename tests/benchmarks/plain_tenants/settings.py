"""django-tenants as its documentation sets it up; Django's middleware and the cache are those of the product."""

import os

from saas import env

SECRET_KEY = "not a secret, but long and varied enough: 0123456789"
ALLOWED_HOSTS = ["*"]
DATABASES = {
    "default": {
        **env.database(env.text("DATABASE_URL")),
        "ENGINE": "django_tenants.postgresql_backend",
        # Django's default: no SELECT 1 ahead of each request.
        "CONN_HEALTH_CHECKS": False,
    }
}
DATABASE_ROUTERS: list[str] = ["django_tenants.routers.TenantSyncRouter"]
TENANT_MODEL = "plain_tenants.Shop"
TENANT_DOMAIN_MODEL = "plain_tenants.Domain"
TENANT_LIMIT_SET_CALLS = "TENANT_LIMIT_SET_CALLS" in os.environ
TENANT_APPS = ["saas.visitors", "saas.commerce", "saas.social"]
SHARED_APPS = [
    "django_tenants",
    "tests.benchmarks.plain_tenants",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]
MIDDLEWARE = [
    "django_tenants.middleware.main.TenantMainMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "tests.benchmarks.shop"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.text("REDIS_URL"),
        "KEY_FUNCTION": "django_tenants.cache.make_key",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
STATIC_URL = "/static/"
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
