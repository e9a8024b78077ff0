"""`syncd trial`, from the outside: who would be paged, the question, and the table of what held."""

from __future__ import annotations

import pytest

from syncd.simulator import Simulator
from syncd.simulator.faults import Fault

from .conftest import Syncd

TRIAL = ("trial", "--service", "Checkout")


@pytest.mark.usefixtures("acme")
def test_nothing_is_opened_where_nobody_can_be_asked(syncd: Syncd, pagerduty: Simulator) -> None:
    ended = syncd(*TRIAL)
    assert (ended.code, ended.out) == (2, "")
    assert "On Checkout (" in ended.err
    assert "this would page: Ana Lima (level 1)" in ended.err
    assert "say --yes if those people may be paged" in ended.err
    assert pagerduty.account.incidents == {}


@pytest.mark.usefixtures("acme")
def test_it_is_a_table_for_people_and_rows_for_programs(syncd: Syncd, pagerduty: Simulator) -> None:
    ended = syncd(*TRIAL, "--yes", "-o", "json")
    assert ended.code == 0
    rows = {(row["step"], row["switch"]): row for row in ended.json}
    assert rows["open", ""]["verdict"] == "held"
    assert rows["reopen", "reopens"]["value"] == "True"
    assert rows["webhooks", ""]["finding"].endswith("`syncd integrations webhook acme --create`.")
    pagerduty.account.policies.update(
        {name: type(it)(it.id, it.name, ()) for name, it in pagerduty.account.policies.items()}
    )
    assert "nobody, since nobody is on call" in syncd(*TRIAL).err


@pytest.mark.usefixtures("acme")
def test_what_differs_is_a_finding(syncd: Syncd, pagerduty: Simulator) -> None:
    pagerduty.faults.lay(Fault(methods=("PUT",), path="/incidents/*", status=200, body={"incident": {}}))
    ended = syncd(*TRIAL, "--yes")
    assert ended.code == 1
    assert "DIFFERS" in ended.out
    assert {one.status for one in pagerduty.account.incidents.values()} == {"resolved"}
