"""An account that is connected by OAuth goes and comes back: what its end holds is kept, and nothing of it is put aside for good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from syncd.connections.grant import Grant, lasting
from syncd.connections.tokens import Tokens
from syncd.core.changes import Side
from syncd.core.diagnostics import Subject
from syncd.core.link import LinkState
from syncd.flow import accounts
from syncd.flow.diagnosing import Diagnosis
from syncd.simulator import Simulator, serve, simulator
from syncd.simulator.account import Priority
from syncd.simulator.oauth import Client as Registered
from syncd.simulator.oauth import Grant as Agreed
from syncd.store import integrations, probes, tables_of_accounts
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.incident import Incidents
from syncd.systems.pagerduty.oauth import NEEDED, Client, Given, Kind
from tests.flow.world import PAGERDUTY, World
from tests.parts.loopback import LOOPBACK

DAY = timedelta(days=1)
SECRET = "client-secret-of-these-tests"


@dataclass(frozen=True, slots=True)
class Scene:
    world: World
    sim: Simulator
    url: str

    def agree(self) -> Grant:
        """As after an authorisation."""
        agreed = Agreed(self.sim.oauth.clients["C1"], NEEDED, next(iter(self.sim.account.users)))
        told = self.sim.oauth._issued(agreed)
        given = Given(told["access_token"], told["refresh_token"], told["expires_in"], NEEDED, {})
        grant = Grant.begun(Client(Kind.SCOPED, "C1", SECRET), given, self.world.clock.now())
        sealed = self.world.connections.vault.seal(f"integration:{PAGERDUTY}", grant.credentials())
        with self.world.db.write() as tx:
            integrations.reseal(tx, PAGERDUTY, sealed, {"auth": "scoped", "identity": self.url})
            integrations.probe_later(tx, PAGERDUTY, self.world.clock.now())
        return grant

    def comment(self, words: str) -> None:
        self.world.comment(Side.CASE, "C-1", words)
        self.world.drain()

    def notes(self) -> list[str]:
        return [note.content for note in self.sim.people.find(self.world.link().link.incident_id).notes]


@pytest.fixture
def scene(world: World) -> Iterator[Scene]:
    with simulator(seed=3, clock=world.clock) as sim, serve(sim.app) as url:
        sim.oauth.register(Registered("C1", SECRET, "scoped", NEEDED))
        account, connections = sim.account, world.connections
        account.services["SVC"] = replace(next(iter(account.services.values())), id="SVC")
        for name in ("HIGH", "MIDDLE", "LOW"):
            account.priorities[name] = Priority(name, name, "")
        made = Scene(world, sim, url)
        grant = made.agree()
        connections.tokens = Tokens(world.db, connections.vault, world.clock, LOOPBACK)
        http = client.http(connections.tokens.of(PAGERDUTY), "", url, outgoing=LOOPBACK)
        it = world.account(Side.INCIDENT)
        system = Incidents(http, next(iter(account.users)), "")
        connections._systems[PAGERDUTY] = ((it.sealed, it.base_url, it.settings, False), system)
        connections._lasting[PAGERDUTY] = lasting(grant.credentials())
        world.ask_for_incident()
        world.drain()
        assert world.link().link.state is LinkState.OPEN
        world.forget()
        yield made


def test_a_token_at_its_end_is_renewed_between_two_changes(scene: Scene) -> None:
    scene.comment("one")
    scene.world.clock.forward(DAY)
    scene.comment("two")
    assert scene.notes() == ["Ana (case): one", "Ana (case): two"]
    assert scene.world.account(Side.INCIDENT).is_connected


def test_a_diagnosis_that_renews_its_token_is_made_once_more_and_then_believed(scene: Scene) -> None:
    of_account = tables_of_accounts.integrations
    with scene.world.db.write() as tx:
        tx.execute(
            update(of_account).where(of_account.c.slug == PAGERDUTY).values(system="pagerduty", base_url=scene.url)
        )
    diagnosis = Diagnosis(scene.world.db, scene.world.connections, scene.world.clock)
    assert not diagnosis.look(), "nobody has asked for it yet"
    scene.world.clock.forward(DAY)
    assert diagnosis.look()
    scene.world.clock.forward(timedelta(minutes=1))
    assert diagnosis.look(), "its own renewal changed what the account is kept with"
    with scene.world.db.read() as tx:
        assert probes.of(tx, PAGERDUTY)[Subject.KEY].checked_at == scene.world.clock.now()


def test_a_revoked_token_is_replaced_and_its_change_goes_out(scene: Scene) -> None:
    scene.world.clock.forward(timedelta(minutes=11))
    for token in [one for one in scene.sim.account.keys.values() if one.scopes]:
        token.revoked = True
    scene.comment("one")
    scene.world.wait(10)
    assert scene.notes() == ["Ana (case): one"]
    assert scene.world.account(Side.INCIDENT).is_connected


def test_a_revoked_refresh_token_holds_everything_until_somebody_agrees_again(scene: Scene) -> None:
    scene.sim.oauth.revoke(next(iter(scene.sim.oauth.refreshes)))
    scene.world.clock.forward(DAY)
    for words in ("one", "two"):
        scene.comment(words)
    scene.world.wait(3600)
    it = scene.world.account(Side.INCIDENT)
    assert (it.is_connected, it.code) == (False, "PAG-100-B")
    assert "`syncd integrations authorise pagerduty`" in accounts.cure(it)
    assert [one["state"] for one in scene.world.errands() if one["state"] != "delivered"] == ["held", "held"]
    assert {row["outcome"] for row in scene.world.rows()} & {"parked", "failed"} == set()
    assert [one.target for one in scene.sim.journal.requests].count("/oauth/token") == 1
    scene.agree()
    scene.world.wait(1)
    assert scene.world.account(Side.INCIDENT).is_connected
    assert scene.notes() == ["Ana (case): one", "Ana (case): two"]
