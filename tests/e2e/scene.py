"""One story's own case and incident, and the registry of stories: what happens, a pause until all is quiet, what must be so then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from syncd.store import deliveries
from tests.e2e.fleet import BUILTIN, DESK, DESK_ACCOUNT, Fleet
from tests.e2e.peers import Cases, Json, PagerDuty
from tests.e2e.waiting import until

Row = Mapping[str, Any]
Found = TypeVar("Found")
Telling = Callable[["Scene"], Iterator[None]]

STATUS = {"open": "triggered", "acknowledged": "acknowledged", "resolved": "resolved"}


@dataclass(slots=True)
class Scene:
    fleet: Fleet
    cases: Cases
    people: PagerDuty
    title: str
    key: str = ""
    incident: str = ""
    opened: Json = field(default_factory=dict, repr=False)

    @property
    def is_builtin(self) -> bool:
        return self.cases.name == BUILTIN

    # -- acting

    def send(self, connector: str = "plain", priority: str = "P3", **words: object) -> None:
        """Open a case and leave it at that."""
        self.opened = self.cases.open(self.title, f"{self.cases.name}-{connector}", priority, **words)
        self.key = self.opened["key"]

    def open(self, connector: str = "plain", priority: str = "P3", **words: object) -> None:
        """Open a case and wait until it shows its incident."""
        self.send(connector, priority, **words)
        url = self.until(lambda: self.case()["incident_url"], "the case shows its incident")
        self.incident = str(url).rsplit("/", 1)[-1]

    def on_case(self, verb: str, **words: object) -> Json:
        return self.cases.act(self.key, verb, **words)  # type: ignore[arg-type]  # by is a text like the others

    def on_incident(self, verb: str, **words: object) -> Json:
        return self.people.act(self.incident, verb, **words)  # type: ignore[arg-type]  # the same

    # -- looking

    def case(self) -> Json:
        return self.cases.case(self.key)

    def record(self) -> Json:
        return self.people.incident(self.incident)

    def priority(self) -> str:
        return str((self.record()["priority"] or {}).get("summary", ""))

    def notes(self) -> list[str]:
        """In the order they were written."""
        return self.people.notes(self.incident)

    def told(self) -> list[str]:
        """The comments that syncd wrote, with the name each is said under."""
        comments = self.case()["comments"]
        if not self.is_builtin:
            return [one["text"] for one in comments if one["author"] == DESK_ACCOUNT]
        ours = [one for one in comments if one["via"] == "PagerDuty"]
        return [f"{one['author']}: {one['text']}" if one["author"] else one["text"] for one in ours]

    def changes(self, what: str) -> list[Json]:
        """The lines of the case's timeline of one kind, in either system's words."""
        return [line for line in self.case()["timeline"] if line.get("kind", line.get("what")) == what]

    def writes(self, kind: str) -> list[Json]:
        """The incident's log entries of one kind."""
        return [it for it in self.record()["log_entries"] if it["type"] == f"{kind}_log_entry"]

    def rows(self, **wanted: object) -> Sequence[Row]:
        """This case's rows, oldest first."""
        with self.fleet.db.read() as tx:
            found = deliveries.find(tx, {"case_id": self.key, **wanted}, limit=500)
        return found[::-1]

    def rows_of_incident(self, **wanted: object) -> Sequence[Row]:
        with self.fleet.db.read() as tx:
            return deliveries.find(tx, {"incident_id": self.incident, **wanted}, limit=500)[::-1]

    # -- waiting

    def until(self, ask: Callable[[], Found], what: str, seconds: float = 45.0) -> Found:
        try:
            return until(ask, f"{self.title}: {what}", seconds)
        except AssertionError as error:
            error.add_note(self.so_far())
            raise

    def so_far(self) -> str:
        """For whoever reads a failure: what the case was told, and this case's rows."""
        names = (
            "recorded_at",
            "direction",
            "change",
            "action",
            "outcome",
            "reason",
            "actor",
            "occurred_at",
            "arrival_id",
        )
        rows = [" ".join(str(row[name]) for name in names) for row in self.rows()]
        return "\n".join([f"{self.key} and {self.incident} so far; told: {self.told()}", *rows])

    def until_case(self, **fields: str) -> None:
        self.until(lambda: all(self.case()[name] == value for name, value in fields.items()), f"the case has {fields}")

    def until_incident(self, status: str) -> None:
        self.until(lambda: self.record()["status"] == status, f"the incident is {status}")

    def until_told(self, *texts: str) -> None:
        """Exactly these comments, in this order."""
        self.until(lambda: self.told() == list(texts), f"the case was told {texts}")

    def until_noted(self, *texts: str) -> None:
        self.until(lambda: self.notes() == list(texts), f"the incident has the notes {texts}")

    def until_row(self, **wanted: object) -> Row:
        return self.until(lambda: self.rows(**wanted), f"a row with {wanted}")[-1]


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    tell: Telling
    systems: tuple[str, ...]
    fault: Json | None  # laid in PagerDuty's way, once for each system, before these stories begin


STORIES: dict[str, Story] = {}


def story(*systems: str, fault: Json | None = None) -> Callable[[Telling], Telling]:
    """Told on the built-in cases and on the case desk, or on those named."""

    def register(tell: Telling) -> Telling:
        name = tell.__name__
        STORIES[name] = Story(name, tell, systems or (BUILTIN, DESK), fault)
        return tell

    return register


def agree(scene: Scene) -> None:
    """Both sides say the same."""
    case, incident = scene.case(), scene.record()
    assert STATUS[case["status"]] == incident["status"]
    assert case["priority"] == scene.priority()
