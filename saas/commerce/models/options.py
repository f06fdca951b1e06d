"""The rows of options: in what a product varies, which values there are, and which ones a variant has."""

from django.db import models
from django.db.models import Q

from saas.commerce import ids, values
from saas.commerce.models.catalog import Product, Variant


class Option(models.Model):
    """In what a product varies, such as its size."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="options", db_index=False)
    name = models.CharField(max_length=values.NAME_LENGTH)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=values.NOT_BLANK), name="commerce_option_name_not_blank"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=0), name="commerce_option_position_not_negative"
            ),
            models.UniqueConstraint(fields=["product", "name"], name="commerce_option_name_unique"),
            models.UniqueConstraint(fields=["id", "product"], name="commerce_option_with_product"),
        ]

    def __str__(self) -> str:
        return self.name


class OptionValue(models.Model):
    """One value of an option, and what it adds to the price."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="values", db_index=False)
    name = models.CharField(max_length=values.NAME_LENGTH)
    price_modifier = models.BigIntegerField(default=0, help_text="In minor units of the product's currency.")
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=values.NOT_BLANK), name="commerce_optionvalue_name_not_blank"
            ),
            models.CheckConstraint(
                condition=Q(price_modifier__gte=0), name="commerce_optionvalue_price_modifier_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=0), name="commerce_optionvalue_position_not_negative"
            ),
            models.UniqueConstraint(fields=["option", "name"], name="commerce_optionvalue_name_unique"),
            models.UniqueConstraint(fields=["id", "option"], name="commerce_optionvalue_with_option"),
        ]

    def __str__(self) -> str:
        return self.name


class Choice(models.Model):
    """The value that a variant has of an option: at most one of each option.

    Composite foreign keys see to it that all belong together: variant and option to the product, value to option.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, related_name="choices", db_constraint=False, db_index=False
    )
    option = models.ForeignKey(
        Option, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    value = models.ForeignKey(
        OptionValue, on_delete=models.RESTRICT, related_name="choices", db_constraint=False, db_index=False
    )

    class Meta:
        ordering = ["option__position", "option"]
        indexes = [
            models.Index(fields=["option", "value"], name="commerce_choice_of_value"),
            models.Index(fields=["product"], name="commerce_choice_of_product"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["variant", "option"], name="commerce_choice_option_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.option}: {self.value}"
