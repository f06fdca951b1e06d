"""What the tenant used."""

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from billing.models import UsageHour
from saas.api import security

router = Router(tags=["usage"])
SHOWN = timedelta(hours=48)


class HourOut(Schema):
    meter: str
    hour: datetime
    quantity: int


class UsageOut(Schema):
    items: list[HourOut]


@router.get(
    "", response=UsageOut, operation_id="list_usage", summary="List display counters of the last 48 hours"
)
@security.permission("usage.read")
def list_usage(request: HttpRequest) -> dict[str, object]:
    since = timezone.now() - SHOWN
    return {"items": list(UsageHour.objects.filter(hour__gte=since).order_by("-hour", "meter"))}
