"""What the database refuses of views per day, and what stays of a look when its customer goes."""

from datetime import date

from saas.commerce.models import ProductView, ProductViewDay
from tests.saas.commerce.factories import CustomerFactory, ProductFactory
from tests.saas.commerce.models.test_catalog import refused

DAY = date(2026, 3, 1)


def test_a_product_has_one_number_per_day_and_it_is_above_nothing(acme: object) -> None:
    product = ProductFactory()
    ProductViewDay.objects.create(product=product, day=DAY, count=1)
    again = ProductViewDay(product=product, day=DAY, count=1)
    assert refused(again.save) == "commerce_productviewday_unique"
    none = ProductViewDay(product=ProductFactory(), day=DAY, count=0)
    assert refused(none.save) == "commerce_productviewday_positive"


def test_a_look_outlives_its_customer_and_goes_with_its_product(acme: object) -> None:
    look = ProductView.objects.create(product=ProductFactory(), customer=CustomerFactory())
    assert look.customer is not None
    look.customer.delete()
    look.refresh_from_db()
    assert look.customer_id is None
    look.product.delete()
    assert ProductView.objects.count() == 0
