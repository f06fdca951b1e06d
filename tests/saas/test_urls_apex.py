"""The host above all tenants' hosts."""

from django.test import Client


def test_the_landing_page_needs_no_database() -> None:
    """No fixture opens the database: pytest-django would refuse a query."""
    answer = Client(headers={"host": "localhost"}).get("/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<html lang="en">' in page
    assert "your-shop.localhost" in page
    assert "://" not in page


def test_a_page_of_a_tenant_s_host_is_none_of_the_apex(db: None) -> None:
    answer = Client(headers={"host": "localhost"}).get("/api/v1/products")
    assert answer.status_code == 404


def test_the_landing_page_is_read_only() -> None:
    assert Client(headers={"host": "localhost"}, enforce_csrf_checks=False).post("/").status_code == 405
