"""A list that changes while it is read, page by page: whatever was there all the time is in it once, as it was or as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.evidence.collecting.courses.paging import MOVED, Kind, Listed, by_number, listed
from syncd.evidence.collecting.courses.request import Course, Page, Request
from syncd.evidence.facts.dataset import Lack, Name
from syncd.evidence.facts.reading import Json, text
from syncd.simulator import Simulator
from syncd.simulator.account import Service
from tests.evidence.collecting.rig import Rig
from tests.simulator.estate import NOW

_LIMIT = 4
_SERVICES = Name.SERVICES


@dataclass
class Far:
    """A far side's list in the order of its names, of which one changes its name, comes or goes between two requests."""

    names: dict[str, int]  # id -> where it stands among the others
    changes: Iterator[Callable[[Far], None]]
    stayed: set[str] = field(default_factory=set)
    has_total: bool = True
    requests: int = 0
    limit: int = _LIMIT

    def __post_init__(self) -> None:
        self.stayed = set(self.names)

    def answer(self, request: Request) -> Page:
        if self.requests:
            next(self.changes, lambda _: None)(self)
        self.requests += 1
        asked = dict(request.params)
        offset = int(asked["offset"])
        ordered = sorted(self.names, key=lambda one: (self.names[one], one))
        shown = ordered[offset : offset + self.limit]
        body: dict[str, object] = {
            "things": [{"id": one} for one in shown],
            "limit": self.limit,
            "offset": offset,
            "more": offset + self.limit < len(ordered),
            "total": len(ordered) if self.has_total and asked.get("total") == "true" else None,
        }
        return Page(request.line, NOW, 200, body)


def _rename(place: int, to: int) -> Callable[[Far], None]:
    def change(far: Far) -> None:
        if far.names:
            far.names[sorted(far.names)[place % len(far.names)]] = to

    return change


def _go(place: int) -> Callable[[Far], None]:
    def change(far: Far) -> None:
        if far.names:
            one = sorted(far.names)[place % len(far.names)]
            del far.names[one]
            far.stayed.discard(one)

    return change


def _come(number: int, to: int) -> Callable[[Far], None]:
    return lambda far: far.names.update({f"N{number}": to})


_PLACE = st.integers(0, 60)
_CHANGE = st.one_of(
    st.just(lambda _: None),
    st.builds(_rename, _PLACE, _PLACE),
    st.builds(_go, _PLACE),
    st.builds(_come, _PLACE, _PLACE),
)
_FAR = st.builds(
    lambda places, changes, has_total: Far(
        {f"P{number}": place for number, place in enumerate(places)}, iter(changes), has_total=has_total
    ),
    st.lists(_PLACE, max_size=30),
    st.lists(_CHANGE, max_size=12),
    st.booleans(),
)


def _read(course: Course[Listed[str]], far: Far) -> Listed[str]:
    try:
        request = next(course)
        while True:
            request = course.send(far.answer(request))
    except StopIteration as end:
        found: Listed[str] = end.value
        return found


def _name(given: Json) -> str:
    return text(given, "id")


def _kind(far: Far) -> Kind[str]:
    return Kind(Request("/things"), "things", _name, limit=_LIMIT, has_total=far.has_total)


@settings(max_examples=600)
@given(_FAR)
def test_nothing_that_stays_is_lost_or_doubled(far: Far) -> None:
    """Or the dataset says that it changed each time, and vouches for nothing."""
    before = set(far.names)
    found = _read(listed(_kind(far)), far)
    if found.refused is not None:
        assert (found.refused.why, found.refused.needs) == (Lack.FAILED, MOVED)
        return
    assert far.stayed <= set(found.rows)
    assert set(found.rows) <= before | set(far.names) | {f"N{number}" for number in range(61)}
    assert len(found.rows) == len(set(found.rows.values()))


@given(st.lists(_PLACE, max_size=40), st.booleans())
def test_one_that_stands_still_is_read_with_the_fewest_pages_that_overlap(places: list[int], has_total: bool) -> None:
    far = Far({f"P{number}": place for number, place in enumerate(places)}, iter(()), has_total=has_total)
    found = _read(listed(_kind(far)), far)
    assert set(found.rows) == set(far.names)
    assert far.requests == max(1, -(-(len(places) - 1) // (_LIMIT - 1)))


@given(st.lists(_PLACE, min_size=9, max_size=9), st.integers(1, _LIMIT))
def test_it_goes_on_by_what_was_allowed(places: list[int], allowed: int) -> None:
    """A server may show fewer than it was asked for."""
    far = Far({f"P{number}": place for number, place in enumerate(places)}, iter(()), limit=allowed)
    if allowed == 1:  # With one to a page nothing overlaps.
        return
    assert set(_read(listed(_kind(far)), far).rows) == set(far.names)


@settings(max_examples=600)
@given(
    st.integers(0, 30),
    st.lists(st.one_of(st.builds(_go, _PLACE), st.builds(lambda n: _come(n, 1000 + n), _PLACE)), max_size=40),
)
def test_of_a_list_in_a_fixed_order_nothing_that_stays_is_lost_however_much_comes_and_goes(
    count: int, changes: list[Callable[[Far], None]]
) -> None:
    far = Far({f"P{number:02}": number for number in range(count)}, iter(changes))
    found = _read(by_number(_kind(far)), far)
    assert found.refused is None
    assert far.stayed <= set(found.rows)


def test_services_that_are_renamed_between_two_pages_are_all_there_once(rig: Rig) -> None:
    """The simulator keeps them by name, as PagerDuty does. The first becomes the last after the first page."""
    ordered = sorted(rig.sim.account.services.values(), key=lambda one: one.name.casefold())
    moves = iter([(ordered[0], "zz last"), (ordered[-1], "aa first")])

    def move(_: object) -> None:
        for one, name in moves:
            rig.renamed(one.id, name)
            return

    rig.after = move
    rig.collect(_SERVICES)
    assert _listed(rig) == {one.id for one in rig.sim.account.services.values()}
    assert rig.facts().services.is_whole
    assert rig.last(_SERVICES).requests == 4  # The second page told, and both were read anew.


def _listed(rig: Rig) -> set[str]:
    rows = rig.facts().services.rows
    assert len(rows) == len({one.id for one in rows})
    return {one.id for one in rows}


def test_a_list_that_is_different_each_time_vouches_for_nothing(rig: Rig, sim: Simulator) -> None:
    count = iter(range(1000))

    def move(_: object) -> None:
        first = min(sim.account.services.values(), key=_by_name)
        rig.renamed(first.id, f"zz {next(count):04}")

    rig.after = move
    rig.collect(_SERVICES)
    (missing,) = rig.facts().services.missing
    assert (missing.why, missing.needs) == (Lack.FAILED, MOVED)


def _by_name(one: Service) -> str:
    return one.name.casefold()
