"""What the operators' console answers."""

from django.contrib import admin
from django.urls import path

from saas import health
from saas.console import factor

urlpatterns = [
    *health.urlpatterns,
    path("factor/", factor.page, name="factor"),
    path("factor/leave/", factor.leave, name="factor_leave"),
    path("", admin.site.urls),
]
