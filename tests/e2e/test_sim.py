"""`syncd sim` beside a syncd on one machine: what it says has to be set is what lets an account be added."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import httpx

from syncd.simulator import BOT_EMAIL, KEYS
from tests.e2e.program import ROOT, Program, syncd
from tests.e2e.waiting import until
from tests.parts.ports import free_port
from tests.parts.terms import FLAGS


def test_the_simulator_says_what_to_set_and_so_does_the_refusal_without_it(tmp_path: Path) -> None:
    port, env = free_port(), {"SYNCD_HOME": str(tmp_path / "state"), "PYTHONPATH": str(ROOT)}
    assert _run(env, "db", "upgrade").returncode == 0
    adding = ("integrations", "add", "acme", "--email", BOT_EMAIL, "--where", f"http://127.0.0.1:{port}", *FLAGS)
    sim = Program("sim", syncd("sim", "--port", str(port)), {}, tmp_path / "sim")
    sim.start()
    try:
        until(lambda: "To turn it:" in sim.said() or not sim.is_running(), "the simulator says what to set")
        told = re.findall(r"SYNCD_OUTGOING_ALLOW=(\S+)", sim.said())
        refused = _run({**env, "SYNCD_SECRET": KEYS.full}, *adding)
        assert refused.returncode == 2
        assert re.findall(r"SYNCD_OUTGOING_ALLOW=(\S+)", refused.stderr) == told[:1] == [f"127.0.0.1:{port}"]
        added = _run({**env, "SYNCD_SECRET": KEYS.full, "SYNCD_OUTGOING_ALLOW": told[0]}, *adding)
        assert added.returncode == 0, added.stderr
        (line,) = re.findall(r"To connect it: (.*)", sim.said())
        again = _run(
            {**env, "SYNCD_SECRET": KEYS.full, "SYNCD_OUTGOING_ALLOW": told[0]}, *adding[:2], "twice", *adding[3:]
        )
        assert "acme" in again.stderr, "one account is connected once"
        other = {**env, "SYNCD_HOME": str(tmp_path / "other")}
        assert _run(other, "db", "upgrade").returncode == 0
        typed = subprocess.run(line, shell=True, env=other, capture_output=True, text=True, timeout=60, check=False)  # noqa: S602  as a person pastes it
        assert typed.stdout.startswith("simulated is connected"), typed.stderr
    finally:
        sim.stop()


def test_a_large_account_says_what_is_wrong_in_it(tmp_path: Path) -> None:
    port = free_port()
    sim = Program("sim", syncd("sim", "--port", str(port), "--evidence"), {}, tmp_path / "sim")
    sim.start()
    try:
        until(lambda: "Keys that see less" in sim.said() or not sim.is_running(), "the simulator names its keys")
        (manifest,) = re.findall(r"What is wrong in it: (\S+)\.", sim.said())
        told = httpx.get(manifest, trust_env=False).json()
        assert (told["counts"]["services"], told["counts"]["incidents_of_the_day"]) == (847, 12_500)
        assert len(told["faults"]) == 24
        for key, most in ((KEYS.read_only, 847), (KEYS.team, 846)):
            asked = {"Authorization": f"Token token={key}"}
            found = httpx.get(f"http://127.0.0.1:{port}/services?total=true", headers=asked, trust_env=False).json()
            assert 0 < found["total"] <= most
    finally:
        sim.stop()


def _run(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(syncd(*words), env=env, capture_output=True, text=True, timeout=60, check=False)
