from collections.abc import Callable

import pytest

from billing import flags
from billing.models import Flag, FlagOverride
from tenants import context, exceptions
from tenants.directory import Entry


@pytest.fixture
def flag(fresh_db: str) -> Flag:
    with context.operator():
        return Flag.objects.create(name="new-checkout")


def test_an_unknown_flag_answers_the_default(acme: Entry) -> None:
    assert flags.is_enabled("nobody-made-this") is False
    assert flags.is_enabled("nobody-made-this", default=True) is True


def test_a_tenants_own_answer_goes_before_the_answer_for_all(
    flag: Flag, tenant: Callable[[str], Entry]
) -> None:
    shop = tenant("acme")
    with context.operator():
        FlagOverride.objects.create(flag=flag, tenant_id=shop.id, enabled=True)
    answers = {}
    for slug in ("acme", "globex"):
        with context.use(tenant(slug)):
            answers[slug] = flags.is_enabled("new-checkout")
    assert answers == {"acme": True, "globex": False}


def test_switching_it_on_for_all_leaves_a_tenants_own_answer(
    flag: Flag, tenant: Callable[[str], Entry]
) -> None:
    shop, other = tenant("acme"), tenant("globex")
    with context.operator():
        FlagOverride.objects.create(flag=flag, tenant_id=shop.id, enabled=False)
        Flag.objects.update(enabled=True)
    for place, answer in ((shop, False), (other, True)):
        with context.use(place):
            assert flags.is_enabled("new-checkout") is answer


def test_it_asks_for_a_tenant(db: None) -> None:
    with pytest.raises(exceptions.NoTenant):
        flags.is_enabled("new-checkout")
