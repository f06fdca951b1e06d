"""What the product serves on a tenant's host, and the views of the bench."""

from django.urls import path

from saas import urls_tenant
from tests.bench.web import views
from tests.benchmarks import shop

urlpatterns = [*views.urlpatterns, path("mine", shop.mine), *urls_tenant.urlpatterns]
handler404 = urls_tenant.handler404
