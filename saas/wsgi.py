"""The WSGI application of a web process; LEASEHOLD_SITE says which site it serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saas.settings")
application = get_wsgi_application()

from tenants import checks  # noqa: E402  its models need apps that are loaded

checks.refuse_to_serve()
