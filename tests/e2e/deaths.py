"""Workers die at every point between claim and settle: what each point holds, how the worker is killed, what must stand afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text

from tests.e2e.fleet import BUILTIN, DESK, Fleet
from tests.e2e.gate import Gate, Hold
from tests.e2e.program import Program
from tests.e2e.scene import Row, Scene
from tests.e2e.waiting import until

LEASE_AND_MORE = 75.0  # seconds: the lease is 35, and a busy machine is slow


class When(StrEnum):
    BEFORE = "before_the_call_arrives"
    LATE = "before_the_call_that_lands_later"
    CARRIED_OUT = "after_it_is_carried_out_before_the_answer"
    ANSWERED = "after_the_answer_before_the_settle"


@dataclass(frozen=True, slots=True)
class Kind:
    """One write: on which system its case lives, what a person does to cause it, and how its request is known."""

    system: str
    is_opening: bool
    act: Callable[[Scene], object]
    words: Callable[[Scene], tuple[str, ...]]
    check: Callable[[Scene], None]


def _one_note(scene: Scene) -> None:
    assert scene.notes() == ["Ana Lima (case): Said once."]


def _one_incident(scene: Scene) -> None:
    (incident,) = scene.people.titled(scene.title)
    assert scene.case()["incident_url"] == incident["html_url"]


def _acknowledged_once(scene: Scene) -> None:
    assert (scene.record()["status"], scene.case()["status"]) == ("acknowledged", "acknowledged")
    assert len(scene.writes("acknowledge")) == 1


def _one_comment(scene: Scene) -> None:
    assert scene.told() == ["Ben Osei (PagerDuty): Said once."]
    assert len(scene.notes()) == 1


def _case_acknowledged_once(scene: Scene) -> None:
    assert (scene.record()["status"], scene.case()["status"]) == ("acknowledged", "acknowledged")
    assert len(scene.changes("acknowledged")) == 1


KINDS: Mapping[str, Kind] = {
    "comment_on_the_case": Kind(
        DESK,
        is_opening=False,
        act=lambda scene: scene.on_incident("note", text="Said once."),
        words=lambda scene: (f"POST /v1/cases/{scene.key}/comments ",),
        check=_one_comment,
    ),
    "status_of_the_case": Kind(
        DESK,
        is_opening=False,
        act=lambda scene: scene.on_incident("acknowledge"),
        words=lambda scene: (f"POST /v1/cases/{scene.key}/acknowledge ",),
        check=_case_acknowledged_once,
    ),
    "note_on_the_incident": Kind(
        BUILTIN,
        is_opening=False,
        act=lambda scene: scene.on_case("comments", text="Said once."),
        words=lambda scene: (f"POST /incidents/{scene.incident}/notes ",),
        check=_one_note,
    ),
    "status_of_the_incident": Kind(
        BUILTIN,
        is_opening=False,
        act=lambda scene: scene.on_case("acknowledge"),
        words=lambda scene: (f"PUT /incidents/{scene.incident} ", '"acknowledged"'),
        check=_acknowledged_once,
    ),
    "opening_of_the_incident": Kind(
        BUILTIN,
        is_opening=True,
        act=lambda scene: scene.send(),
        words=lambda scene: ("POST /incidents ", f'"{scene.title}"'),
        check=_one_incident,
    ),
}
Point = tuple[str, When]
POINTS: tuple[Point, ...] = tuple((kind, when) for when in When for kind in KINDS)

Kill = Callable[[Program], object]


@dataclass(frozen=True, slots=True)
class Death:
    """One write at one point, with the worker it killed."""

    kind: Kind
    when: When
    scene: Scene

    def gate(self) -> Gate:
        return self.scene.fleet.desk_gate if self.kind.system == DESK else self.scene.fleet.gate

    def hold(self) -> Hold:
        """Laid before a person acts, so that it is met at the first try."""
        gate, words = self.gate(), self.kind.words(self.scene)
        if self.when is When.BEFORE:
            return gate.hold_request(*words)
        return gate.delay_request(*words) if self.when is When.LATE else gate.hold_answer(*words)

    def check(self) -> None:
        self.kind.check(self.scene)
        lost = self.lost()
        assert [row["attempt"] for row in lost] == [1]
        (last,) = [row for row in self.attempts() if row["errand_id"] == lost[0]["errand_id"]][-1:]
        assert (last["outcome"], last["attempt"]) in {("applied", 2), ("suppressed", 2)}
        if self.when is When.BEFORE:
            assert last["outcome"] == "applied"

    def lost(self) -> Sequence[Row]:
        return self.scene.rows(reason="worker_lost")

    def attempts(self) -> list[Row]:
        return [row for row in self.scene.rows() if row["errand_id"] is not None and row["started_at"] is not None]


def die(fleet: Fleet, *, first: Kill, second: Kill, are_echoes_lost: bool) -> Iterator[list[Death]]:
    """Two deaths: one worker with writes at every point before the answer, one with answers it could not write down."""
    (worker,) = fleet.workers
    deaths = [_prepared(fleet, kind, when) for kind, when in POINTS]
    unanswered = [death for death in deaths if death.when is not When.ANSWERED]
    answered = [death for death in deaths if death.when is When.ANSWERED]
    holds = _all_caught(fleet, unanswered, are_echoes_lost=are_echoes_lost)
    first(worker)
    for peer in (fleet.pagerduty_peer, fleet.desk_peer):
        peer.turn(drop_percent=0)
    for hold in holds:
        hold.release()
    _revive(fleet, worker)
    yield deaths
    holds = _caught(answered)
    with _nobody_writes(fleet):
        for hold in holds:
            hold.release()
        second(worker)
    _revive(fleet, worker)
    yield deaths
    until(lambda: all(death.lost() for death in deaths), "every lease has run out", LEASE_AND_MORE)
    fleet.await_quiet(LEASE_AND_MORE)
    yield deaths


def _prepared(fleet: Fleet, kind: str, when: When) -> Death:
    chosen = KINDS[kind]
    scene = Scene(fleet, fleet.cases(chosen.system), fleet.people, f"{kind} {when}")
    if not chosen.is_opening:
        scene.open()
    return Death(chosen, when, scene)


def _all_caught(fleet: Fleet, deaths: list[Death], *, are_echoes_lost: bool) -> list[Hold]:
    """Each side's hooks are lost once nobody needs them: then the note of a lost attempt can only be found by reading."""
    lost = {"drop_percent": 100 if are_echoes_lost else 0}
    fleet.desk_peer.turn(**lost)
    holds = _caught([death for death in deaths if death.kind.system == DESK])
    fleet.pagerduty_peer.turn(**lost)
    return holds + _caught([death for death in deaths if death.kind.system == BUILTIN])


def _caught(deaths: list[Death]) -> list[Hold]:
    holds = [death.hold() for death in deaths]
    for death in deaths:
        death.kind.act(death.scene)
    for hold in holds:
        hold.wait_reached()
    return holds


def _revive(fleet: Fleet, worker: Program) -> None:
    """What whoever supervises it would do."""
    if not worker.is_running():
        worker.start()
    fleet.await_ready()


@contextmanager
def _nobody_writes(fleet: Fleet) -> Iterator[None]:
    """As long as this lasts, no settle can be committed."""
    with fleet.db.write() as tx:  # On SQLite it is the one writer there is.
        if not fleet.db.is_sqlite:
            tx.execute(text("LOCK TABLE errands IN ACCESS EXCLUSIVE MODE"))
        yield
