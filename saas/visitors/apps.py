"""Who comes to a tenant's own site: its shoppers and its community, who are nobody's members."""

from django.apps import AppConfig


class VisitorsConfig(AppConfig):
    name = "saas.visitors"
    label = "visitors"
    verbose_name = "Visitors"
