"""The database counts skeletons as `lookalikes` does."""

import pytest
from django.db.models import Value
from django.db.models.functions import Concat
from hypothesis import given
from hypothesis import strategies as st

from tenants import context, lookalikes
from tenants.db import skeleton
from tenants.models import Tenant


@pytest.mark.usefixtures("module_db")
def test_the_database_counts_the_skeleton_of_ascii_alike() -> None:
    @given(st.lists(st.text(st.sampled_from("rnmvw01loi-."), max_size=14), min_size=1, max_size=20))
    def alike(texts: list[str]) -> None:
        with context.owner():
            rows = Tenant.objects.filter(slug="acme")
            for text in texts:
                column = rows.annotate(text=Concat(Value(""), Value(text)), looks=skeleton.of("text"))
                assert column.values_list("looks", flat=True).get() == lookalikes.skeleton(text)

    alike()
