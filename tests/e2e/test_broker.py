"""A broker that dies, comes back empty, freezes or is simply not there: hooks are answered all the same, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey
from syncd.store.tables import arrivals
from tests.e2e import books
from tests.e2e.broker import Broker
from tests.e2e.fleet import BUILTIN, Fleet, fleet
from tests.e2e.scene import Scene
from tests.e2e.waiting import until


@dataclass(frozen=True, slots=True)
class Site:
    fleet: Fleet
    broker: Broker
    scenes: list[Scene]

    def act(self, word: str) -> None:
        """Both directions on every case: a note on the incident, a comment on the case."""
        for scene in self.scenes:
            scene.on_incident("note", text=f"{word} in PagerDuty")
            scene.on_case("comments", text=f"{word} on the case")

    def await_stored(self, word: str) -> None:
        """Every hook of this round is committed, whatever the broker does."""
        until(lambda: self._stored(word) == len(self.scenes), f"every hook of {word!r} is stored", 15)

    def _stored(self, word: str) -> int:
        with self.fleet.db.read() as tx:
            bodies = tx.scalars(select(arrivals.c.body).where(arrivals.c.event_type == "incident.annotated"))
            return sum(f'"{word} in PagerDuty"'.encode() in body for body in bodies)

    def check_hooks(self) -> None:
        """Each was answered 2xx at its first try, which the sender gives up after five seconds."""
        tries = {(hook["attempt"], hook["status"], hook["error"]) for hook in self.fleet.pagerduty_peer.hooks()}
        assert tries == {(1, 200, None)}

    def await_applied(self, *words: str) -> None:
        for scene in self.scenes:
            said = [f"Ben Osei (PagerDuty): {word} in PagerDuty" for word in words]
            until(lambda one=scene, wanted=said: one.told() == wanted, f"{scene.title} was told {words}", 40)  # type: ignore[misc]
            until(
                lambda one=scene: all(f"Ana Lima (case): {word} on the case" in one.notes() for word in words),  # type: ignore[misc]
                f"{scene.title} was noted {words}",
                40,
            )

    def revive(self) -> None:
        """Celery's parent may end with its broker; whoever supervises it starts it again."""
        for program in self.fleet.programs:
            if not program.is_running():
                program.start()


@contextmanager
def site(folder: Path, *, beat: bool = True, durable: bool = True) -> Iterator[Site]:
    with private_folder() as place:
        broker = Broker(Valkey(place, durable=durable))
        broker.start()
        try:
            with fleet(folder, f"sqlite:///{folder / 'syncd.db'}", broker.valkey.url, beat=beat) as made:
                scenes = [Scene(made, made.cases(BUILTIN), made.people, f"case {number}") for number in range(4)]
                for scene in scenes:
                    scene.open()
                made.await_quiet()
                yield Site(made, broker, scenes)
        finally:
            broker.close()


def test_killed_frozen_and_emptied(tmp_path: Path) -> None:
    with site(tmp_path, durable=False) as at:
        at.broker.kill()
        at.act("Killed")
        at.await_stored("Killed")
        at.broker.start()
        assert at.broker.is_empty()
        at.revive()
        at.await_applied("Killed")
        at.broker.freeze()
        at.act("Frozen")
        at.await_stored("Frozen")
        at.broker.thaw()
        at.revive()
        at.await_applied("Killed", "Frozen")
        at.fleet.await_quiet()
        at.check_hooks()
        books.match(books.read(at.fleet))


def test_without_beat_and_then_without_any_broker(tmp_path: Path) -> None:
    """Ten seconds and more without a broker: the workers' own sweep carries everything over."""
    with site(tmp_path, beat=False) as at:
        at.act("Beatless")
        at.await_applied("Beatless")
        at.broker.kill()
        gone_at = time.monotonic()
        round_number = 0
        words = ["Beatless"]
        while time.monotonic() - gone_at < 10:
            round_number += 1
            words.append(f"Alone {round_number}")
            at.act(words[-1])
            at.await_applied(*words)
        assert at.fleet.workers[0].is_running()
        at.broker.start()
        at.act("Together")
        at.await_applied(*words, "Together")
        at.fleet.await_quiet()
        at.check_hooks()
        books.match(books.read(at.fleet))
