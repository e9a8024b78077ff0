"""Nothing passes on less than the last list that was read to its end, before the next collecting has confirmed it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from syncd.evidence.facts.dataset import Lack, Name
from syncd.simulator import Fault
from tests.evidence.collecting.rig import Rig, unguarded

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

_REFUSED = Fault(status=403, path="/services", count=1)
_UNREADABLE = Fault(status=200, path="/services", count=1, body={"services": "?", "more": False})


def _collected(rig: Rig, fault: Fault | None = None) -> set[Lack]:
    rig.clock.forward(timedelta(days=1))
    if fault is not None:
        rig.sim.faults.lay(fault)
    rig.collect(Name.SERVICES)
    return {one.why for one in rig.facts().services.missing}


def _left(rig: Rig, services: dict[str, Any], number: int) -> None:
    """So many of them are in the account now."""
    rig.sim.account.services.clear()
    rig.sim.account.services.update(dict(list(services.items())[:number]))


@pytest.mark.parametrize(
    ("between", "left"), [([_REFUSED], 3), ([_UNREADABLE], 0), ([_REFUSED] * 30, 3)], ids=["403", "unreadable", "long"]
)
def test_what_read_nothing_is_nothing_to_compare_with(rig: Rig, between: Sequence[Fault], left: int) -> None:
    rig.collect(Name.SERVICES)
    everything = dict(rig.sim.account.services)
    for fault in between:
        assert _collected(rig, fault) & {Lack.PERMISSION, Lack.UNREADABLE}
    _left(rig, everything, left)
    assert _collected(rig) == {Lack.SHRUNK}
    assert _collected(rig) == set(), "the second one confirms it"


def test_a_record_that_was_listed_and_could_not_be_read_was_there(rig: Rig) -> None:
    rig.collect(Name.SERVICES)
    everything = list(rig.sim.account.services)
    body = {"services": [{"id": one} for one in everything], "more": False}
    assert _collected(rig, Fault(status=200, path="/services", count=1, body=body)) == {Lack.UNREADABLE}
    rig.sim.account.services.clear()
    assert _collected(rig) == {Lack.SHRUNK}


def test_a_key_that_sees_less_confirms_nothing(rig: Rig) -> None:
    rig.is_seen = True
    rig.collect(Name.SERVICES)
    rig.key = rig.sim.keys.team
    assert Lack.HIDDEN in _collected(rig)
    rig.key = ""
    rig.clock.forward(timedelta(days=1))
    _left(rig, dict(rig.sim.account.services), 3)
    assert _collected(rig) == {Lack.SHRUNK}


def test_one_that_was_altered_is_said_once_and_the_next_is_compared_with_what_was_read_then(rig: Rig) -> None:
    rig.collect(Name.SERVICES)
    with unguarded(rig.db) as tx:
        tx.exec_driver_sql("DELETE FROM evidence_pages")
    assert _collected(rig) == {Lack.ALTERED}
    assert _collected(rig) == set()


_STEPS = some.lists(some.sampled_from(["refused", "unreadable"]) | some.integers(0, 24), min_size=1, max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_a_list_never_passes_on_less_than_the_last_one_that_was_read(rig: Rig, steps: list[str | int]) -> None:
    """`everything` is kept by the simulator's account, and each example begins with all of it, read twice."""
    known: dict[str, Any] = rig.__dict__.setdefault("known", dict(list(rig.sim.account.services.items())[:24]))
    _left(rig, known, 24)
    _collected(rig)
    assert _collected(rig) == set()
    last = 24
    for step in steps:
        if isinstance(step, str):
            assert _collected(rig, _REFUSED if step == "refused" else _UNREADABLE)
            continue
        _left(rig, known, step)
        is_much = last - step > 5 and (last - step) * 5 > last
        assert _collected(rig) == ({Lack.SHRUNK} if is_much else set()), (last, step)
        last = step
