"""The views that every project of the benchmarks serves, and the rows that they read."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from saas.commerce.models import Product


def newest(request: HttpRequest) -> HttpResponse:
    """One query."""
    return JsonResponse({"newest": Product.objects.values_list("name", flat=True).first()})


def mine(request: HttpRequest) -> HttpResponse:
    """One query, for somebody who is signed in."""
    return newest(request) if request.user.is_authenticated else HttpResponse(status=401)


def permitted(request: HttpRequest) -> HttpResponse:
    """One query, for somebody who is signed in and holds a permission."""
    held = request.user.has_perm("commerce.change_product")
    return newest(request) if held else HttpResponse(status=403)


def nothing(request: HttpRequest) -> HttpResponse:
    return JsonResponse({})


urlpatterns = [
    path("newest", newest),
    path("mine", mine),
    path("permitted", permitted),
    path("nothing", nothing),
]


def stock(name: str, count: int = 100) -> None:
    """Add products where the connection stands now."""
    Product.objects.bulk_create(
        Product(name=f"{name} {n}", slug=f"{name}-{n}", sku=f"{name}-{n}", price=n, currency="EUR")
        for n in range(count)
    )
