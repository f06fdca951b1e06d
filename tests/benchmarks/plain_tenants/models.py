"""A tenant and its host, as django-tenants wants them."""

from django.db import models
from django_tenants.models import DomainMixin, TenantMixin


class Shop(TenantMixin):
    name: "models.CharField[str, str]" = models.CharField(max_length=100)


class Domain(DomainMixin):
    pass
