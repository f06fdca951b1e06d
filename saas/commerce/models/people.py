"""The rows of the shop's customers. Who they are is a visitor's row; what the shop knows of them stands here."""

from django.db import models
from django.utils import timezone

from saas.commerce import values
from saas.visitors.models import Visitor


class Customer(models.Model):
    """A visitor who buys, guest or not: the same id, one row for one."""

    visitor = models.OneToOneField(
        Visitor, on_delete=models.PROTECT, primary_key=True, related_name="customer"
    )
    name = models.CharField(max_length=values.NAME_LENGTH, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "visitor"]

    def __str__(self) -> str:
        return self.name or str(self.visitor_id)
