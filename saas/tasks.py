"""Celery tasks of the tenant apps, which know no tenancy themselves: doors to their verbs, one tenant at a time."""

from celery import shared_task

from saas.social import hashtags
from tenants.models import Tenant
from tenants.tasks import OperatorTask, TenantTask

EVERY = 900  # seconds between two rounds; what waited longer is done by the next one


@shared_task(base=TenantTask)
def decay_hashtags() -> int:
    """Bring the scores of one community's hashtags to now."""
    return hashtags.decay()


@shared_task(base=OperatorTask)
def decay_all_hashtags() -> int:
    """Ask for that in every tenant that is open."""
    tenants = list(Tenant.objects.filter(suspended_at=None, archived_at=None, destroyed_at=None))
    for tenant in tenants:
        decay_hashtags.apply_async(tenant=tenant, expires=EVERY)
    return len(tenants)
