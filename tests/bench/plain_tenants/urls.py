"""The views of the bench, and what a signed-in person sees."""

from django.urls import path

from tests.bench.web import views
from tests.benchmarks import shop

urlpatterns = [*views.urlpatterns, path("mine", shop.mine)]
