"""All stories at once on one fleet: told together, then quiet, then each asked what stands. One result for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.e2e import crossing, inbound, outbound
from tests.e2e.fleet import Fleet
from tests.e2e.scene import STORIES, Scene, Story

MODULES = (inbound, outbound, crossing)
AT_ONCE = 12
Part = tuple[str, str]  # a story and the case system it is told on
PARTS: tuple[Part, ...] = tuple((story.name, system) for story in STORIES.values() for system in story.systems)


@dataclass(slots=True)
class Told:
    """What came of each part: nothing, or how it failed."""

    failures: dict[Part, Exception] = field(default_factory=dict)

    def check(self, part: Part) -> None:
        if part in self.failures:
            raise self.failures[part]


@dataclass(frozen=True, slots=True)
class _Running:
    scene: Scene
    telling: Iterator[None]


def tell_all(fleet: Fleet) -> Told:
    told = Told()
    running: dict[Part, _Running] = {}
    for group in _groups():
        _lay(fleet, group)
        begun = {part: _begun(fleet, part, number) for number, part in enumerate(group)}
        _side_by_side({part: lambda it=it: next(it.telling) for part, it in begun.items()}, told)  # type: ignore[misc]
        fleet.pagerduty_peer.clear_faults()
        running |= begun
    fleet.await_quiet()
    _side_by_side({part: lambda it=it: _end(it) for part, it in running.items() if part not in told.failures}, told)  # type: ignore[misc]
    return told


def _groups() -> Iterator[list[Part]]:
    """Stories that lay the same fault together; the others all at once."""
    faults: list[object] = []
    for story in STORIES.values():
        if story.fault not in faults:
            faults.append(story.fault)
    for fault in sorted(faults, key=lambda one: one is None):
        yield [part for part in PARTS if STORIES[part[0]].fault == fault]


def _lay(fleet: Fleet, group: list[Part]) -> None:
    fault = STORIES[group[0][0]].fault
    if fault is not None:
        fleet.pagerduty_peer.lay(**fault, count=len(group))


def _begun(fleet: Fleet, part: Part, number: int) -> _Running:
    name, system = part
    scene = Scene(fleet, fleet.cases(system, number), fleet.people, f"{name} on {system}")
    story: Story = STORIES[name]
    return _Running(scene, story.tell(scene))


def _side_by_side(acts: Mapping[Part, Callable[[], None]], told: Told) -> None:
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="story") as pool:
        results = {part: pool.submit(act) for part, act in acts.items()}
    for part, result in results.items():
        error = result.exception()
        if isinstance(error, Exception):
            told.failures[part] = error


def _end(running: _Running) -> None:
    for _ in running.telling:
        raise AssertionError("A story pauses once.")
