"""People at work on both sides of a site in real processes, and what must stand there once they have gone home."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpx

from tests.e2e.fleet import BUILTIN, DESK, Fleet
from tests.e2e.peers import Cases, Json
from tests.e2e.scene import Scene, agree
from tests.e2e.waiting import until

ON_THE_CASE, IN_PAGERDUTY = "says the case", "says PagerDuty"
_PATIENCE = 600  # tries, a fifth of a second apart
_LEAVES_AFTER = 20  # acts, then a link is resolved and another case is opened


@dataclass(slots=True)
class Affair:
    """One link and what people have said on each side of it, in their order."""

    scene: Scene
    on_case: list[str] = field(default_factory=list)
    on_incident: list[str] = field(default_factory=list)
    acts: int = 0

    def noted(self) -> list[str]:
        return [text.partition("(case): ")[2] for text in self.scene.notes() if ON_THE_CASE in text]

    def told(self) -> list[str]:
        return [text.partition(": ")[2] for text in self.scene.told() if IN_PAGERDUTY in text]

    def wrongs(self) -> list[str]:
        """What is lost, doubled, out of order or not equal, in words."""
        found = []
        for what, said, stands in (("notes", self.on_case, self.noted()), ("comments", self.on_incident, self.told())):
            if stands != said:
                found.append(f"{self.scene.title}: {what} {_numbers(stands)} where {_numbers(said)} were said")
        incidents = len(self.scene.people.titled(self.scene.title))
        if incidents != 1:
            found.append(f"{self.scene.title}: {incidents} incidents")
        try:
            agree(self.scene)
        except AssertionError as error:
            found.append(f"{self.scene.title}: the sides differ: {error}")
        return found


def _numbers(texts: Sequence[str]) -> str:
    return " ".join(text.rpartition(" ")[2] for text in texts)


class Crowd:
    """Acts one after another, and takes every door that is closed to it as one to knock at again."""

    def __init__(self, fleet: Fleet, dice: random.Random, links: int, acts_a_second: float) -> None:
        self.fleet, self.dice, self._pause = fleet, dice, 1 / acts_a_second
        self.affairs: list[Affair] = []  # those people still work on
        self.past: list[Affair] = []
        self.count = 0
        self.turned_away = 0  # times a door said that it could not
        self._links = links
        self._gone_home = threading.Event()
        self._acting = threading.Lock()
        self._broken: list[BaseException] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Every link stands before the first fault."""
        while len(self.affairs) < self._links:
            self._open()
        thread = threading.Thread(target=self._work, name="crowd", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._gone_home.set()
            thread.join(120)
        for error in self._broken:
            raise error

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nobody does anything as long as this lasts."""
        with self._acting:
            yield

    def wrongs(self) -> list[str]:
        return [wrong for one in (*self.past, *self.affairs) for wrong in one.wrongs()]

    def _work(self) -> None:
        try:
            while not self._gone_home.wait(self._pause):
                with self._acting:
                    self._act(self.dice.choice(self.affairs))
        except BaseException as error:  # noqa: BLE001  it is raised where somebody sees it
            self._broken.append(error)

    def _act(self, one: Affair) -> None:
        self.count += 1
        one.acts += 1
        if one.acts > _LEAVES_AFTER:
            self._leave(one)
            return
        match self.dice.randrange(20):
            case 0:
                self._on_case(one, "acknowledge")
            case 1:
                self._on_incident(one, "acknowledge")
            case 2:
                self._on_case(one, "priority", priority=self._any_priority())
            case 3:
                self._on_incident(one, "priority", priority=self._any_priority())
            case number if number % 2:
                one.on_case.append(f"{ON_THE_CASE} {self.count}")
                self._on_case(one, "comments", text=one.on_case[-1])
            case _:
                one.on_incident.append(f"{IN_PAGERDUTY} {self.count}")
                self._on_incident(one, "note", text=one.on_incident[-1])

    def _any_priority(self) -> str:
        return f"P{self.dice.randrange(1, 6)}"

    def _leave(self, one: Affair) -> None:
        """It is over, and its place is taken by another."""
        if self.dice.random() < 0.5:
            self._on_case(one, "resolve")
        else:
            self._on_incident(one, "resolve")
        self.affairs.remove(one)
        self.past.append(one)
        self._open()

    def _open(self) -> None:
        number = len(self.affairs) + len(self.past)
        system = (BUILTIN, DESK)[number % 2]
        scene = Scene(self.fleet, self._cases(system), self.fleet.people, f"Affair {number}")
        asked = {"title": scene.title, "connector": f"{system}-plain", "priority": "P3", "by": "Ana Lima"}
        opened = self._surely(scene, "/v1/cases", asked, key=f"affair-{number}")
        scene.key = str(opened["key"])
        url = until(lambda: _incident_url(scene), f"{scene.title} shows its incident", 120)
        scene.incident = url.rsplit("/", 1)[-1]
        self.affairs.append(Affair(scene))

    def _cases(self, system: str) -> Cases:
        return self.fleet.cases(system, self.dice.randrange(len(self.fleet.web_ports)))

    def _on_case(self, one: Affair, verb: str, **words: str) -> None:
        self._surely(one.scene, f"/v1/cases/{one.scene.key}/{verb}", {"by": "Ana Lima", **words})

    def _on_incident(self, one: Affair, verb: str, **words: str) -> None:
        """What PagerDuty refuses, such as acknowledging what is resolved, a person shrugs at."""
        with suppress(AssertionError):
            one.scene.on_incident(verb, **words)

    def _surely(self, scene: Scene, path: str, asked: Json, key: str = "") -> Json:
        """A door that dies leaves it open whether something was done: what was said is looked for before it is said again."""
        for _ in range(_PATIENCE):
            try:
                answer = scene.cases.http.post(path, json=asked, headers={"Idempotency-Key": key} if key else {})
            except httpx.TransportError:
                if (
                    "text" in asked
                    and until(lambda: _looked(scene, str(asked["text"])), "the site answers", 120) == "said"
                ):
                    return {}
            else:
                if answer.status_code < 500:
                    return dict(answer.json())
                self.turned_away += 1
            threading.Event().wait(0.2)  # Also whoever is about to go home waits for the door.
        message = f"{path} was not answered"
        raise AssertionError(message)


def _incident_url(scene: Scene) -> str:
    try:
        return str(scene.case()["incident_url"] or "")
    except httpx.HTTPError:
        return ""


def _looked(scene: Scene, text: str) -> str:
    try:
        is_said = any(text in str(comment["text"]) for comment in scene.case()["comments"])
    except httpx.HTTPError:
        return ""
    return "said" if is_said else "unsaid"
