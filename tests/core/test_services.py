"""Whatever a request asks for leads to exactly one service of the connector."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.services import Chosen, Missed, Service, choose, meant

PAY, TILL, SHOP, OTHER_TILL = (
    Service("PAY", "Payments"),
    Service("TIL", "Till"),
    Service("SHO", "Shop"),
    Service("TI2", "till"),
)
SERVICES = (PAY, TILL, SHOP)


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ("", Chosen(PAY)),
        ("  ", Chosen(PAY)),
        ("PAY", Chosen(PAY)),
        ("payments", Chosen(PAY)),
        ("TIL", Chosen(TILL)),
        ("Till", Chosen(TILL)),
        (" TILL\n", Chosen(TILL)),
        ("til", Chosen(PAY, Missed.NOT_REACHED)),
        ("Till *", Chosen(PAY, Missed.NOT_REACHED)),
        ("\x00", Chosen(PAY, Missed.NOT_REACHED)),
    ],
)
def test_an_id_or_a_name_chooses_and_all_else_is_the_default(asked: str, chosen: Chosen) -> None:
    assert choose(SERVICES, asked) == chosen


def test_of_two_names_that_differ_in_capitals_only_each_means_itself_and_none_of_them_both() -> None:
    there = (PAY, TILL, OTHER_TILL)
    assert [choose(there, one).service for one in ("Till", "till", "TI2")] == [TILL, OTHER_TILL, OTHER_TILL]
    assert choose(there, "TILL") == Chosen(PAY, Missed.SEVERAL)


def test_an_id_is_meant_before_a_name_that_looks_like_it() -> None:
    assert choose((PAY, Service("X", "TIL"), TILL), "TIL") == Chosen(TILL)


def test_a_service_key_is_asked_for_by_its_name_alone() -> None:
    own = Service("", "Payments")
    assert choose((own,), "PAYMENTS") == Chosen(own)
    assert choose((own,), "Till") == Chosen(own, Missed.NOT_REACHED)


_SERVICE = st.builds(Service, st.text(min_size=1, max_size=4), st.text(max_size=4))


@given(st.lists(_SERVICE, min_size=1, max_size=5), st.text(max_size=6) | st.sampled_from(["PAY", "pay", " "]))
def test_any_text_leads_to_exactly_one_service_of_the_connector(services: list[Service], asked: str) -> None:
    chosen = choose(services, asked)
    assert chosen.service in services
    found = meant(services, asked)
    if not asked.strip():
        assert chosen == Chosen(services[0])
    elif chosen.missed is None:
        assert found == [chosen.service]
    else:
        assert (chosen.service, len(found) == 1) == (services[0], False)


@given(st.lists(_SERVICE, min_size=1, max_size=5, unique_by=lambda one: one.id.strip()), st.integers(0, 4))
def test_each_is_reached_by_its_own_id(services: list[Service], number: int) -> None:
    one = services[number % len(services)]
    if one.id == one.id.strip() != "":
        assert choose(services, one.id) == Chosen(one)
