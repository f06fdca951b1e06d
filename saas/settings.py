"""One settings module for every process; which database logins a process holds is what its environment gives it."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from saas import env

BASE_DIR = Path(__file__).resolve().parent.parent

# production is the default, so that a forgotten variable fails closed. manage.py sets development.
LEASEHOLD_ENV = env.choice("LEASEHOLD_ENV", ["development", "test", "production"], "production")
PRODUCTION = LEASEHOLD_ENV == "production"
LEASEHOLD_LOCAL_DIR = BASE_DIR / env.text("LEASEHOLD_LOCAL_DIR", ".local")
# What `manage.py demo` writes for commands in other terminals: every login. Its own processes are told "none".
LEASEHOLD_ENV_FILE = env.text("LEASEHOLD_ENV_FILE", str(LEASEHOLD_LOCAL_DIR / "env"))
if LEASEHOLD_ENV == "development" and LEASEHOLD_ENV_FILE != "none" and Path(LEASEHOLD_ENV_FILE).exists():
    env.load_file(Path(LEASEHOLD_ENV_FILE))

DEBUG = env.boolean("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG is on in production. Unset DEBUG, or set LEASEHOLD_ENV=development.")
SECRET_KEY = env.secret("SECRET_KEY") if PRODUCTION or env.text("SECRET_KEY", "") else get_random_secret_key()

# Which site this process serves: tenants' hosts, or the operators' console.
LEASEHOLD_SITE = env.choice("LEASEHOLD_SITE", ["tenants", "console"], "tenants")
LEASEHOLD_APEX_HOST = env.text("LEASEHOLD_APEX_HOST", "localhost").lower()
LEASEHOLD_CONSOLE_HOSTS = env.words("LEASEHOLD_CONSOLE_HOSTS", ["localhost", "127.0.0.1"])
# Operators show a code of an app besides the password. Only a demo may do without.
LEASEHOLD_CONSOLE_MFA = env.boolean("LEASEHOLD_CONSOLE_MFA", default=True)
if PRODUCTION and not LEASEHOLD_CONSOLE_MFA:
    raise ImproperlyConfigured("LEASEHOLD_CONSOLE_MFA is off in production. Unset it.")
LEASEHOLD_STATEMENT_TIMEOUT_MS = env.integer(
    "LEASEHOLD_STATEMENT_TIMEOUT_MS", 30_000, minimum=1, maximum=3_600_000
)
# The administrator of the database is no superuser: what roles.sql cannot revoke there is a warning of the audit.
LEASEHOLD_MANAGED_POSTGRES = env.boolean("LEASEHOLD_MANAGED_POSTGRES", default=False)
# Tenants with a login of their own (strict mode): the key that their passwords are derived from, and how many
# connections of theirs this process keeps at most, in use or idle.
LEASEHOLD_STRICT_KEY = env.secret("LEASEHOLD_STRICT_KEY") if env.text("LEASEHOLD_STRICT_KEY", "") else ""
LEASEHOLD_STRICT_CONNECTIONS = env.integer("LEASEHOLD_STRICT_CONNECTIONS", 20, minimum=1, maximum=1_000)
# Above 0: threads share at most so many connections of `app`, and none is kept by a thread.
LEASEHOLD_POOL_SIZE = env.integer("LEASEHOLD_POOL_SIZE", 0, minimum=0, maximum=1_000)
LEASEHOLD_BACKUP_DIR = Path(env.text("LEASEHOLD_BACKUP_DIR", str(LEASEHOLD_LOCAL_DIR / "backups")))
LEASEHOLD_FILES_DIR = Path(env.text("LEASEHOLD_FILES_DIR", str(LEASEHOLD_LOCAL_DIR / "files")))
# Links in mails are built from these and the tenant's primary domain, never from a request.
LEASEHOLD_LINK_SCHEME = env.choice(
    "LEASEHOLD_LINK_SCHEME", ["http", "https"], "https" if PRODUCTION else "http"
)
LEASEHOLD_LINK_PORT = env.integer("LEASEHOLD_LINK_PORT", 0, minimum=0, maximum=65_535)
LEASEHOLD_SCHEMA_SCRIPT = BASE_DIR / "saas" / "sql" / "tenant_schema.sql"
LEASEHOLD_IDENTITY_PATHS = (
    "/api/v1/session",
    "/api/v1/keys",
    "/api/v1/members",
    "/api/v1/roles",
    "/api/v1/groups",
    "/api/v1/invitations",
    "/invitations/",
    "/api/v1/join",
    "/join",
    "/api/v1/service-accounts",
    "/api/v1/tokens",
    "/.well-known/jwks.json",
    "/sign-in",
    "/sign-out",
    "/hop/",
    "/api/v1/security",
    "/account",
    "/people",
    "/reset-password",
    "/_allauth/",
    "/api/v1/impersonations",
    "/impersonation",
)
# What a member without a second factor reaches where the tenant requires one; the first is where pages send them.
LEASEHOLD_SETUP_PATHS = (
    "/account",
    "/_allauth/",
    "/sign-in",
    "/sign-out",
    "/reset-password",
    "/api/v1/session",
)
# How many proxies of ours stand before this process: so many entries at the end of X-Forwarded-For can be trusted.
LEASEHOLD_TRUSTED_PROXIES = env.integer("LEASEHOLD_TRUSTED_PROXIES", 0, minimum=0, maximum=10)
# Multiplies every limit on tries (people/throttle.py): for load tests, which sign in from one address.
LEASEHOLD_TRIES_SCALE = env.integer("LEASEHOLD_TRIES_SCALE", 1, minimum=1, maximum=1_000_000)
# Here the caller is read first, then the view runs in no context: it speaks to other hosts, and enters what it needs.
LEASEHOLD_OUTBOUND_PATHS = ("/api/v1/sso", "/sso/", "/social/")
# How a request names a visitor of the tenant's own site; without it there are none.
LEASEHOLD_VISITORS = "saas.visitor_tokens.claim"
# A tenant's identity provider may stand on this machine, over http: for tests and for trying it out.
LEASEHOLD_SSO_LOOPBACK = not PRODUCTION
# OpenID providers of the product, whose people sign in on the apex ("social login"); none unless they are named here.
LEASEHOLD_SOCIAL_PROVIDERS = env.providers("LEASEHOLD_SOCIAL_PROVIDERS", loopback=not PRODUCTION)
LEASEHOLD_APEX_URLCONF = "saas.urls_apex"
LEASEHOLD_USAGE_FLUSH_SECONDS = env.integer("LEASEHOLD_USAGE_FLUSH_SECONDS", 5, minimum=1, maximum=300)

# The router knows contexts; an alias that is missing here is a login that this process does not hold.
LOGINS = {
    "default": "DATABASE_URL",
    "console": "DATABASE_URL_CONSOLE",
    "owner": "DATABASE_URL_OWNER",
    "backup": "DATABASE_URL_BACKUP",
}
DATABASES: dict[str, dict[str, Any]] = {
    alias: env.database(url, name=name) for alias, name in LOGINS.items() if (url := env.text(name, ""))
}
DATABASES.setdefault("default", {})
if LEASEHOLD_POOL_SIZE and DATABASES["default"]:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 0, "max_size": LEASEHOLD_POOL_SIZE, "timeout": 10}
DATABASE_ROUTERS = ["tenants.db.router.Router"]
TENANT_DB_ALIAS = "owner"
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"

SHARED_APPS = [
    "saas",
    "saas.console",
    # Plain unfold would put its own site in the place of ours.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "saas.console.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "billing",
    "tenants",
]
TENANT_APPS = ["saas.visitors", "saas.commerce", "saas.social"]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = [
    "tenants.people.backends.MemberBackend",
    "tenants.people.operators.OperatorBackend",
]
# PBKDF2 is slow on purpose, and tests have nothing to protect.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers."
    + ("MD5PasswordHasher" if LEASEHOLD_ENV == "test" else "PBKDF2PasswordHasher")
]
# People prove who they are through allauth; which tables that needs stands in the migration 0006_accounts of tenants.
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Addresses are proven by what makes a member (an invitation, the apex host's sign-up), never at a sign-in.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 1  # a person is one address, User.email
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_ADAPTER = "tenants.people.adapter.AccountAdapter"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "tenants.people.tokens.HostTokenGenerator"  # noqa: S105
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGIN_TIMEOUT = 300  # from the password to the second factor
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Tries of a password and of a code are counted by people/throttle.py, for pages and API alike.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "reset_password": None}
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
MFA_ADAPTER = "tenants.people.factors.Adapter"
MFA_TOTP_TOLERANCE = 1  # of 30 seconds, before and after: clocks of phones differ
MFA_ALLOW_UNVERIFIED_EMAIL = True  # whoever signs in is a member: somebody of the tenant let them in
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
SOCIALACCOUNT_STORE_TOKENS = False
AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]

STATIC_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
]
TENANT_MIDDLEWARE = [
    "tenants.middleware.HostMiddleware",
    *STATIC_MIDDLEWARE,
    "billing.middleware.MeterMiddleware",
    "tenants.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tenants.impersonating.ImpersonationMiddleware",
    "tenants.middleware.ContextMiddleware",
]
CONSOLE_MIDDLEWARE = [
    *STATIC_MIDDLEWARE,
    "saas.console.middleware.OperatorMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# A browser takes a cookie of this prefix from its own host alone, never from a neighbour below the same domain,
# and over https alone; the demo speaks plain http.
HOST_ONLY = "__Host-" if PRODUCTION else ""
if LEASEHOLD_SITE == "tenants":
    ROOT_URLCONF = "saas.urls_tenant"
    ALLOWED_HOSTS = ["*"]  # HostMiddleware is first and answers 404 to every host without a Domain row.
    SESSION_ENGINE = "tenants.people.sessions"
    SESSION_COOKIE_NAME = f"{HOST_ONLY}session"
    SIGNING_BACKEND = "tenants.signing.TimestampSigner"
    MIDDLEWARE = TENANT_MIDDLEWARE
else:
    ROOT_URLCONF = "saas.urls_console"
    ALLOWED_HOSTS = LEASEHOLD_CONSOLE_HOSTS
    SESSION_ENGINE = "tenants.people.operator_sessions"
    SESSION_COOKIE_NAME = f"{HOST_ONLY}console_session"
    MIDDLEWARE = CONSOLE_MIDDLEWARE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{HOST_ONLY}{LEASEHOLD_SITE}_csrf"
# A session is a row of one tenant, so its CSRF secret is one too: no neighbour can plant a cookie that fits a token.
CSRF_USE_SESSIONS = LEASEHOLD_SITE == "tenants"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.boolean("LEASEHOLD_BEHIND_TLS_PROXY", default=False) else None
)

WSGI_APPLICATION = "saas.wsgi.application"
ASGI_APPLICATION = "saas.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "saas" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
UNFOLD = {
    "SITE_TITLE": "Leasehold",
    "SITE_HEADER": "Leasehold",
    "SITE_SUBHEADER": "Operators' console",
    "SITE_SYMBOL": "domain",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "sizes": "any", "href": "saas.console.site.icon"}
    ],
    "SITE_URL": None,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "saas.console.dashboard.fill",
    "SIDEBAR": {"navigation": "saas.console.site.navigation"},
}
UNFOLD_TENANT = {
    "SITE_TITLE": "Admin",
    "SITE_SUBHEADER": "Admin",
    "SITE_SYMBOL": "storefront",
    "SITE_FAVICONS": UNFOLD["SITE_FAVICONS"],
    "SITE_URL": "/",
    "SHOW_BACK_BUTTON": True,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"show_all_applications": False, "show_search": True},
}
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static"
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False

STORAGES = {
    "default": {
        "BACKEND": "tenants.files.TenantStorage",
        "OPTIONS": {"options": {"location": LEASEHOLD_FILES_DIR}},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

REDIS_URL = env.text("REDIS_URL", "")
CACHE: dict[str, Any] = (
    {"BACKEND": "tenants.caching.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
)
CACHES = {
    "default": {**CACHE, "KEY_FUNCTION": "tenants.caching.make_key"},
    "global": {**CACHE, "KEY_FUNCTION": "tenants.caching.make_global_key"},
}
if PRODUCTION and not REDIS_URL:
    raise ImproperlyConfigured("REDIS_URL is not set. Production needs Valkey or Redis for caches and tasks.")

# Celery: a message carries no truth; what must not be lost is found again from rows (tenants.tasks.sweep).
CELERY_BROKER_URL = env.text(
    "CELERY_BROKER_URL",
    REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=") or "memory://",
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TIME_LIMIT = 3_000
# Above the time limit: a task that outlives its visibility timeout would run twice.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A request that publishes while the broker is away is told after one more try.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "visibility_timeout": 3_600,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
}

# Mails: a worker of the queue `celery` sends them (tenants.outbox). Without a server, development writes them to files.
LEASEHOLD_EMAIL_URL = env.text(
    "LEASEHOLD_EMAIL_URL",
    "smtp://localhost" if PRODUCTION else f"file://{quote(str(LEASEHOLD_LOCAL_DIR))}/mail",
)
EMAIL = env.email(LEASEHOLD_EMAIL_URL, name="LEASEHOLD_EMAIL_URL", files=not PRODUCTION)
EMAIL_BACKEND: str = EMAIL["EMAIL_BACKEND"]
EMAIL_FILE_PATH: str | None = EMAIL.get("EMAIL_FILE_PATH")
EMAIL_HOST: str = EMAIL.get("EMAIL_HOST", "localhost")
EMAIL_PORT: int = EMAIL.get("EMAIL_PORT", 25)
EMAIL_HOST_USER: str = EMAIL.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD: str = EMAIL.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS: bool = EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 30  # seconds, less than outbox.LEASE
DEFAULT_FROM_EMAIL = env.sender("LEASEHOLD_EMAIL_FROM", f"Leasehold <no-reply@{LEASEHOLD_APEX_HOST}>")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "saas.logs.Formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # User.email is unique by a constraint on lower(email)
    *(["admin.E408", "admin.E409"] if LEASEHOLD_SITE == "tenants" else []),  # this process serves no admin
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
