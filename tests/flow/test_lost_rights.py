"""A key loses what sync asks for while changes go to and fro: it is named by its own code, and all goes on that can without it.

The real flows and the real adapter, built from what is stored, in front of a simulated PagerDuty on a port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from syncd.core.changes import Field, Side, Status
from syncd.core.diagnostics import NEEDED, Subject, Use
from syncd.core.judging import State
from syncd.flow.diagnosing import FIRST, Diagnosis
from syncd.flow.status import condition
from syncd.simulator import BOT_EMAIL, Simulator, serve, simulator
from syncd.simulator.account import Priority, Withheld
from syncd.store import connection_log, integrations, probes, tables_of_accounts
from tests.flow.world import LANDED, PAGERDUTY, World
from tests.parts.loopback import LOOPBACK

NIGHT = timedelta(days=1, seconds=1)
BEN = "Ben Osei"


@dataclass(frozen=True, slots=True)
class Scene:
    world: World
    sim: Simulator

    def ben_acknowledges(self) -> None:
        """And a hook is on its way that says no more than: look at the incident."""
        incident = self.world.link().link.incident_id
        self.sim.people.acknowledge(incident, BEN)
        account = self.world.account(Side.INCIDENT)
        self.world.hear(Side.INCIDENT, self.world.connections.system(account).thin_hook(incident), record=incident)

    def comment(self, words: str) -> None:
        self.world.comment(Side.CASE, "C-1", words)
        self.world.drain()

    def notes(self) -> list[str]:
        return [note.content for note in self.sim.people.find(self.world.link().link.incident_id).notes]

    def diagnose(self) -> bool:
        return Diagnosis(self.world.db, self.world.connections, self.world.clock).look()

    def codes(self) -> dict[Subject, str]:
        """Of what is not in order."""
        with self.world.db.read() as tx:
            return {name: one.code for name, one in probes.of(tx, PAGERDUTY).items() if one.state is not State.OK}

    def told(self) -> list[tuple[str, str]]:
        with self.world.db.read() as tx:
            return [(one.kind, one.code) for one in reversed(connection_log.listing(tx, PAGERDUTY)) if one.code]

    def findings(self) -> str:
        return " ".join(one.what for one in condition.condition(self.world.db).findings)


@pytest.fixture
def scene(world: World) -> Iterator[Scene]:
    with simulator(seed=3, clock=world.clock) as sim, serve(sim.app) as url:
        account, connections = sim.account, world.connections
        account.services["SVC"] = replace(next(iter(account.services.values())), id="SVC")
        for name in ("HIGH", "MIDDLE", "LOW"):
            account.priorities[name] = Priority(name, name, "")
        bot = {"from": BOT_EMAIL, "from_user_id": sim.people.who(BOT_EMAIL).id}
        sealed = connections.vault.seal(f"integration:{PAGERDUTY}", {"api_key": sim.keys.full})
        with world.db.write() as tx:
            tx.execute(
                update(tables_of_accounts.integrations)
                .where(tables_of_accounts.integrations.c.slug == PAGERDUTY)
                .values(system="pagerduty", base_url=url)
            )
            integrations.reseal(tx, PAGERDUTY, sealed, bot)
        connections.outgoing = LOOPBACK
        del connections._systems[PAGERDUTY]
        world.ask_for_incident()
        world.drain()
        made = Scene(world, sim)
        assert not made.diagnose()
        world.clock.forward(FIRST)
        assert made.diagnose()
        assert made.codes() == {}
        world.forget()
        yield made


def withheld(*paths: str) -> Callable[[Simulator], None]:
    def lose(sim: Simulator) -> None:
        for path in paths:
            sim.people.withhold(sim.keys.full, Withheld(path))

    return lose


def granted(*paths: str) -> Callable[[Simulator], None]:
    def give(sim: Simulator) -> None:
        for path in paths:
            sim.people.grant(sim.keys.full, path)

    return give


USERS, LOG = ("/users", "/users/*"), ("/log_entries", "/incidents/*/log_entries")


@pytest.mark.parametrize(
    ("subject", "paths", "code"),
    [(Subject.USERS, USERS, "PAG-101-B"), (Subject.LOG_ENTRIES, LOG, "PAG-106-B")],
    ids=str,
)
def test_a_list_that_may_not_be_read_any_more_is_named_and_changes_go_both_ways(
    scene: Scene, subject: Subject, paths: tuple[str, ...], code: str
) -> None:
    world = scene.world
    scene.ben_acknowledges()
    withheld(*paths)(scene.sim)
    world.drain()
    assert world.case.record("C-1").status == Status.ACKNOWLEDGED
    scene.comment("who is on it?")
    world.wait(NIGHT)
    assert scene.diagnose()
    assert (scene.codes(), scene.told()) == ({subject: code}, [("errored", code)])
    assert f"({code})" in scene.findings()
    assert world.account(Side.INCIDENT).is_connected
    scene.comment("and now?")
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    assert world.case.record("C-1").status == Status.RESOLVED
    assert scene.sim.people.find(world.link().link.incident_id).status == "resolved"
    assert [text for text in scene.notes() if text.startswith("Ana")] == [
        "Ana (case): who is on it?",
        "Ana (case): and now?",
    ]
    granted(*paths)(scene.sim)
    world.clock.forward(NIGHT)
    assert scene.diagnose()
    assert (scene.codes(), scene.told()) == ({}, [("errored", code), ("connected", code)])


def everybody_leaves(sim: Simulator) -> None:
    for user in list(sim.account.users):
        sim.people.deactivate(user)


def test_an_account_without_users_is_named_is_read_on_and_keeps_what_nobody_can_write(scene: Scene) -> None:
    world = scene.world
    scene.ben_acknowledges()
    everybody_leaves(scene.sim)
    world.drain()
    assert world.case.record("C-1").status == Status.ACKNOWLEDGED
    scene.comment("who is on it?")
    world.clock.forward(61)
    assert scene.diagnose(), "soon after the refusal"
    assert scene.codes() == {Subject.USERS: "PAG-102-B"}
    assert world.account(Side.INCIDENT).code == "SYN-PAG-SENDER"
    assert world.states()[-1] == ("note", "held")


def test_a_revoked_key_is_named_its_changes_are_kept_and_go_out_in_their_order(scene: Scene) -> None:
    world = scene.world
    scene.sim.people.revoke(scene.sim.keys.full)
    scene.comment("one")
    scene.comment("two")
    assert (world.account(Side.INCIDENT).is_connected, world.account(Side.INCIDENT).code) == (False, "PAG-100-B")
    world.clock.forward(61)
    assert scene.diagnose(), "soon after the refusal"
    assert scene.codes() == {Subject.KEY: "PAG-100-B"}
    assert "PAG-100-B" in scene.findings()
    assert scene.notes() == []
    scene.sim.people.restore(scene.sim.keys.full)
    world.wait(LANDED)
    world.wait(61)
    assert scene.notes() == ["Ana (case): one", "Ana (case): two"]
    assert world.account(Side.INCIDENT).is_connected
    world.clock.forward(NIGHT)
    assert scene.diagnose()
    assert scene.codes() == {}


def test_each_subject_that_sync_depends_on_is_lost_here() -> None:
    assert NEEDED[Use.SYNC] == {Subject.KEY, Subject.USERS, Subject.LOG_ENTRIES}
