"""What the database refuses of options, values and choices: composite keys keep them together."""

from typing import Any

import pytest

from saas.commerce.models import Choice, Option, OptionValue
from tests.saas.commerce.factories import ProductFactory, VariantFactory
from tests.saas.commerce.models.test_catalog import refused


def made() -> dict[str, Any]:
    """A variant with a product, an option of it and a value of that."""
    variant = VariantFactory()
    option = Option.objects.create(product=variant.product, name="Size")
    value = OptionValue.objects.create(option=option, name="S")
    return {"product": variant.product, "variant": variant, "option": option, "value": value}


@pytest.mark.parametrize(
    ("foreign", "constraint"),
    [
        (("variant",), "commerce_choice_variant_of_product"),
        (("option", "value"), "commerce_choice_option_of_product"),
        (("value",), "commerce_choice_value_of_option"),
    ],
)
def test_a_choice_of_what_does_not_belong_together_is_refused(
    acme: object, foreign: tuple[str, ...], constraint: str
) -> None:
    ours, theirs = made(), made()
    Choice.objects.create(**theirs)
    choice = Choice(**{**ours, **{name: theirs[name] for name in foreign}})
    assert refused(lambda: choice.save(force_insert=True)) == constraint


def test_a_variant_has_one_value_of_an_option(acme: object) -> None:
    facts = made()
    Choice.objects.create(**facts)
    other = OptionValue.objects.create(option=facts["option"], name="L")
    assert refused(Choice(**{**facts, "value": other}).save) == "commerce_choice_option_unique"


def test_an_option_cannot_move_to_another_product_while_a_variant_has_it(acme: object) -> None:
    facts = made()
    Choice.objects.create(**facts)
    rows = Option.objects.filter(pk=facts["option"].pk)
    other = ProductFactory()
    assert refused(lambda: rows.update(product=other)) == "commerce_choice_option_of_product"


def test_deleting_a_product_takes_all_of_it_along(acme: object) -> None:
    facts = made()
    Choice.objects.create(**facts)
    facts["product"].delete()
    assert (Choice.objects.count(), Option.objects.count(), OptionValue.objects.count()) == (0, 0, 0)


def test_options_and_values_that_cannot_be_are_refused(acme: object) -> None:
    facts = made()
    product, option = facts["product"], facts["option"]
    for row, constraint in (
        (Option(product=product, name=" "), "commerce_option_name_not_blank"),
        (Option(product=product, name="Size"), "commerce_option_name_unique"),
        (Option(product=product, name="X", position=-1), "commerce_option_position_not_negative"),
        (OptionValue(option=option, name=""), "commerce_optionvalue_name_not_blank"),
        (OptionValue(option=option, name="S"), "commerce_optionvalue_name_unique"),
        (OptionValue(option=option, name="X", position=-1), "commerce_optionvalue_position_not_negative"),
        (
            OptionValue(option=option, name="X", price_modifier=-1),
            "commerce_optionvalue_price_modifier_not_negative",
        ),
    ):
        assert refused(lambda row=row: row.save(force_insert=True)) == constraint  # type: ignore[misc]
