"""What a tenant's host answers."""

from django.urls import path

from saas import pages
from saas.api.site import api

urlpatterns = [
    path("", pages.front),
    path("sign-in", pages.sign_in),
    path("sign-out", pages.sign_out),
    path("api/v1/", api.urls),
]
handler404 = "saas.pages.missing"
