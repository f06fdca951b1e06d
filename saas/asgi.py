"""The ASGI application of a web process; LEASEHOLD_SITE says which site it serves."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.settings")
application = get_asgi_application()

from tenants import checks  # noqa: E402  its models need apps that are loaded

checks.refuse_to_serve()
