"""Feature flags: is a feature on for the current tenant?"""

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from billing.models import Flag, FlagOverride
from tenants import context


def is_enabled(name: str, default: bool = False) -> bool:  # noqa: FBT001, FBT002  the promised signature
    """Return the current tenant's own answer to the flag, else the flag's, else default. One query. Raises NoTenant."""
    own = FlagOverride.objects.filter(tenant_id=context.tenant_id(), flag=OuterRef("pk")).values("enabled")
    answer = Flag.objects.filter(name=name).values_list(Coalesce(Subquery(own), "enabled"), flat=True).first()
    return default if answer is None else bool(answer)
