"""What the product serves on a tenant's host, and the views of the bench."""

from saas import urls_tenant
from tests.bench.web import views

urlpatterns = [*views.urlpatterns, *urls_tenant.urlpatterns]
handler404 = urls_tenant.handler404
