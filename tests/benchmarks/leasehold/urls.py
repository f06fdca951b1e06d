"""What the product serves, and the views that every project of the benchmarks serves."""

from saas import urls_tenant
from tests.benchmarks import shop

urlpatterns = [*shop.urlpatterns, *urls_tenant.urlpatterns]
