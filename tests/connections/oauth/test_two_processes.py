"""Two processes that find a token at its end at the same moment renew it once, on either database."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from syncd.connections.grant import grant_of
from syncd.connections.joining.setup import Setup
from syncd.connections.vault import Vault, generate_key
from syncd.simulator import simulator
from syncd.simulator.faults import Fault
from syncd.store import integrations
from syncd.store.database import Database
from tests.connections.oauth_site import ACME, connect
from tests.parts.loopback import LOOPBACK
from tests.systems.conftest import Stage

ROOT = Path(__file__).parents[3]


def test_two_processes_renew_a_token_once(db: Database, pagerduty_stage: Stage) -> None:
    keys = generate_key()
    setup = Setup(db, Vault(keys), db.clock, LOOPBACK)
    with simulator(seed=3, api_url=pagerduty_stage.url) as sim:
        pagerduty_stage.app = sim.app
        connect(setup, sim)
        _age(setup)
        sim.journal.clear()
        sim.faults.lay(Fault(path="/oauth/token", delay_s=0.5))
        url = db.url.render_as_string(hide_password=False)
        env = {**os.environ, "ASKER_DATABASE": url, "ASKER_KEYS": keys}
        words = [sys.executable, "-m", "tests.connections.oauth.asker"]
        askers = [
            subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env)
            for _ in range(2)
        ]
        for one in askers:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in askers:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        assert [_ended(one) for one in askers] == [0, 0]
        assert [one.target for one in sim.journal.requests].count("/oauth/token") == 1


def _ended(one: subprocess.Popen[str]) -> int:
    one.communicate(timeout=60)
    return one.returncode


def _age(setup: Setup) -> None:
    """Its token has just come to its end."""
    it = setup.integration(ACME)
    grant = grant_of(setup.credentials(it))
    assert grant is not None
    now = setup.clock.now()
    old = replace(grant, obtained_at=now - timedelta(days=1), expires_at=now)
    with setup.db.write() as tx:
        integrations.reseal(tx, ACME, setup.vault.seal(f"integration:{ACME}", old.credentials()), it.settings)
