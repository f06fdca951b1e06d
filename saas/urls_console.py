"""What the operators' console answers."""

from django.contrib import admin
from django.urls import path

from saas import health

urlpatterns = [*health.urlpatterns, path("", admin.site.urls)]
