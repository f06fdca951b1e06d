"""The skeleton of a name as the database counts it: an index stands on the expression, so it must never change."""

from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.functions import Replace

from tenants import lookalikes


def of(column: str) -> models.Func:
    """Return the expression that is `lookalikes.skeleton` of a column of lower-case ASCII."""
    shape: Combinable = models.F(column)
    for pair, letter in lookalikes.PAIRS:
        shape = Replace(shape, models.Value(pair), models.Value(letter))
    digits, letters = models.Value(lookalikes.DIGITS), models.Value(lookalikes.LETTERS)
    return models.Func(shape, digits, letters, function="translate", output_field=models.CharField())
