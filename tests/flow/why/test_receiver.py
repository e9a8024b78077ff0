"""Gate 5 with a receiver that really runs: it refuses what is signed with another secret, and then it is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Act
from tests.connections.site import ACME
from tests.flow.why.breakages import BEN
from tests.flow.why.pasting import Shell
from tests.flow.why.whole import Whole
from tests.parts.ports import free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("shell")  # Whose settings the process has.


@contextmanager
def receiver(whole: Whole) -> Iterator[str]:
    """Its address. At the end it is killed, without a goodbye, and it is as late in the world as it is here."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    argv = [sys.executable, "-m", "syncd", "web", "--only", "hooks", "--port", str(port)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: answers(url))
            yield url
        finally:
            process.send_signal(signal.SIGKILL)
    whole.site.clock.forward(datetime.now(UTC) - whole.site.clock.now())


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_a_signature_that_fits_no_secret(whole: Whole) -> None:
    whole.people.note(whole.incident.id, "Looking", BEN)
    (parcel,) = whole.site.pagerduty.courier.take()
    with receiver(whole) as url:
        sealed = whole.site.pagerduty.webhooks.seal(parcel, whole.site.clock.now(), wrongly=True)
        assert httpx.post(f"{url}/hooks/{ACME}", content=parcel.body, headers=dict(sealed)).status_code == 401
    whole.site.clock.forward(timedelta(minutes=1))
    said = whole.stopped(at=Gate.HEARD)
    assert said.sentence == (
        "The last hook that said it came from acme was refused: its signature fits no secret that syncd has."
    )
    assert said.command == "syncd integrations webhook acme --rotate"
    assert whole.ask(whole.last("bad_signature")).verdict.gate is Gate.HEARD


def test_a_stranger_who_knocks_turns_nothing_red(whole: Whole) -> None:
    with receiver(whole) as url:
        assert httpx.post(f"{url}/hooks/{ACME}", content=b"{}").status_code == 401
    verdict = whole.ask("CS-1").verdict
    assert (verdict.stops, verdict.gate) == (False, Gate.IN_STEP), verdict.sentence
    assert "1 hook that says it comes from acme" in verdict.remedy


def test_a_receiver_that_was_killed(whole: Whole, shell: Shell) -> None:
    with receiver(whole):
        pass
    assert not whole.ask("CS-1").verdict.stops
    whole.site.clock.forward(timedelta(seconds=61))
    said = whole.stopped(at=Gate.HEARD)
    assert (said.act, said.target, said.command) == (Act.START, "receiver", "syncd web --only hooks")
    assert shell.paste(f"{said.command} --help") == 0
