"""A real Prometheus looks at a real fleet and goes through the rules as they are shipped, but for their waits, which are shortened in a
copy: each fault that is injected fires its alert, with its labels, and every alert is quiet again once it is mended. Beside it a webhook
is told of each cause without asking, once, and once that it is over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest
import yaml
from sqlalchemy import update

from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey, running
from syncd.flow.orders.choosing import choose
from syncd.simulator import KEYS
from syncd.store.tables_of_accounts import watches
from tests.e2e.fleet import ACCOUNT, BUILTIN, Fleet, fleet
from tests.e2e.program import syncd
from tests.e2e.scene import Scene
from tests.e2e.waiting import until
from tests.parts import postbox
from tests.parts.ports import free_port
from tests.parts.postbox import Postbox
from tests.parts.prometheus import Prometheus, find_program, prometheus
from tests.systems.channels.test_channels import SECRET

RULES = Path(__file__).resolve().parents[2] / "deploy" / "prometheus" / "syncd.rules.yaml"
FAR = 150.0  # a worker that was killed is missed after a minute

#: What is waited for in the shipped rules, and in the copy. Each has to stand there, or the copy would be another rule.
SHORTENED = {r"for: \w+": "for: 1s", r"\[10m\]": "[20s]", r"> 600$": "> 2", r"> 120$": "> 12"}


def shortened(folder: Path) -> Path:
    text = RULES.read_text("utf-8")
    for long, short in SHORTENED.items():
        text, found = re.subn(long, short, text, flags=re.MULTILINE)
        assert found, f"No rule waits by {long!r} any more."
    file = folder / "shortened.rules.yaml"
    file.write_text(text, "utf-8")
    return file


@dataclass(slots=True)
class Watched:
    fleet: Fleet
    eyes: Prometheus
    box: Postbox
    numbers: Iterator[int]

    def scene(self, connector: str = "plain") -> Scene:
        made = Scene(self.fleet, self.fleet.cases(BUILTIN), self.fleet.people, f"Watched {next(self.numbers)}")
        made.open(connector, priority="P3")
        return made

    def api(self, path: str, **body: object) -> None:
        answer = self.fleet.cases(BUILTIN).http.post(path, json={"by": "Dana Cruz", **body})
        assert answer.is_success, answer.text

    def told(self) -> list[str]:
        """What the webhook was told of so far; that it took a message whose answer was lost counts once."""
        messages = {one.headers["webhook-id"]: json.loads(one.body)["type"] for one in self.box.posted}
        return list(messages.values())

    def fires(self, alert: str, labels: Mapping[str, str]) -> bool:
        wanted = {"alertname": alert, **labels}.items()
        return any(wanted <= one.items() for one in self.eyes.firing())

    def five_minutes_pass(self) -> None:
        """For the guardian alone."""
        with self.fleet.db.write() as tx:
            tx.execute(update(watches).values(next_at=self.fleet.db.now(tx)))


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    find_program("prometheus")
    folder, port = tmp_path_factory.mktemp("watched"), free_port()
    with (
        private_folder() as place,
        running(Valkey(place)) as valkey,
        postbox.web() as box,
        fleet(
            folder,
            f"sqlite:///{folder / 'syncd.db'}",
            valkey.url,
            metrics_port=port,
            notify_webhook_url=box.url,
            notify_webhook_secret=SECRET,
        ) as made,
        prometheus(folder / "prometheus", f"127.0.0.1:{port}", shortened(folder)) as eyes,
    ):
        choose(made.db, "cases-other", {"priority": "manual"}, by="Dana Cruz")
        yield Watched(made, eyes, box, count(1))


@contextmanager
def key_revoked(at: Watched) -> Iterator[None]:
    scene, key = at.scene(), f"/_sim/keys/{KEYS.full}"
    at.fleet.pagerduty_peer.post(f"{key}/revoke", {})
    scene.on_case("comments", text="Kept until somebody reconnects it")
    yield
    at.fleet.pagerduty_peer.post(f"{key}/restore", {})
    at.api(f"/v1/integrations/{ACCOUNT}/reconnect")
    scene.until_noted("Ana Lima (case): Kept until somebody reconnects it")


@contextmanager
def note_over_the_limit(at: Watched) -> Iterator[None]:
    scene = at.scene()
    at.fleet.pagerduty_peer.lay(count=0, methods=["POST"], path="*/notes", status=429)
    scene.on_case("comments", text="It has to wait")
    yield
    at.fleet.pagerduty_peer.clear_faults()
    scene.until_noted("Ana Lima (case): It has to wait")


@contextmanager
def note_refused(at: Watched) -> Iterator[None]:
    scene = at.scene()
    at.fleet.pagerduty_peer.lay(count=1, methods=["POST"], path="*/notes", status=400)
    scene.on_case("comments", text="Nobody takes it")
    row = scene.until_row(outcome="failed")
    yield
    at.api("/v1/deliveries/park", ids=[row["id"]], why="It was a trial")


@contextmanager
def hook_of_a_stranger(at: Watched) -> Iterator[None]:
    """The first of this source that ever was: also one that nothing was counted of before has to be seen."""
    assert httpx.post(f"{at.fleet.web_url()}/hooks/{ACCOUNT}", json={}, trust_env=False).status_code == 401
    yield


@contextmanager
def killed(at: Watched, name: str) -> Iterator[None]:
    program = at.fleet.program(name)
    program.kill()
    yield
    program.start()
    at.fleet.await_ready()


@contextmanager
def subscription_deleted(at: Watched) -> Iterator[None]:
    """All there are; the one that a person made by hand as well, since syncd makes no second one to the same address."""
    peer = at.fleet.pagerduty_peer
    for one in peer.state(anew=True)["subscriptions"]:
        headers = {"Authorization": f"Token token={KEYS.full}"}
        peer.http.delete(f"/webhook_subscriptions/{one['id']}", headers=headers).raise_for_status()
    at.five_minutes_pass()
    yield
    making = at.fleet.add("remake", syncd("integrations", "webhook", ACCOUNT, "--create"))
    making.start()
    assert making.wait() == 0, making.said()
    at.five_minutes_pass()


@contextmanager
def nobody_on_call(at: Watched) -> Iterator[None]:
    """A case gets no incident, which no alert of Prometheus tells: only whoever opened it waits."""
    scene = Scene(at.fleet, at.fleet.cases(BUILTIN), at.fleet.people, f"Watched {next(at.numbers)}")
    scene.send("nobody")
    row = scene.until_row(outcome="failed")
    yield
    at.api("/v1/deliveries/park", ids=[row["id"]], why="It was a trial")


@contextmanager
def both_at_once(at: Watched) -> Iterator[None]:
    scene = at.scene("other")
    at.fleet.pagerduty_peer.lay(count=0, methods=["PUT"], path="/incidents*", status=429)
    scene.on_case("priority", priority="P1")
    scene.until_row(change="priority", outcome="retrying")
    scene.on_incident("priority", priority="P2")
    row = scene.until_row(reason="conflict")
    at.fleet.pagerduty_peer.clear_faults()
    yield
    at.api("/v1/conflicts/resolve", link=row["link_id"], field="priority", to="case")


Fault = Callable[[Watched], AbstractContextManager[None]]
FAULTS: Mapping[str, tuple[Fault, Mapping[str, str]]] = {
    "SyncdBadSignatures": (hook_of_a_stranger, {"source": ACCOUNT, "severity": "warning"}),
    "SyncdDisconnected": (key_revoked, {"integration": ACCOUNT, "severity": "critical"}),
    "SyncdOldestPending": (note_over_the_limit, {"severity": "critical"}),
    "SyncdRefusedForGood": (note_refused, {"direction": "outbound", "severity": "warning"}),
    "SyncdBeatSilent": (lambda at: killed(at, "beat"), {"severity": "warning"}),
    "SyncdNoWorker": (lambda at: killed(at, "worker0"), {"part": "worker", "severity": "critical"}),
    "SyncdNotScraped": (lambda at: killed(at, "web0"), {"job": "syncd", "severity": "critical"}),
    "SyncdSubscription": (subscription_deleted, {"integration": ACCOUNT, "severity": "warning"}),
    "SyncdConflict": (both_at_once, {"severity": "info"}),
}
#: Of which of them people are told without asking. What only Prometheus can tell is not among them: that nobody works any more.
NOTICES = {
    "SyncdDisconnected": "integration.disconnected",
    "SyncdRefusedForGood": "delivery.exhausted",
    "SyncdSubscription": "subscription.disabled",
    "SyncdConflict": "conflict.opened",
}


def test_every_shipped_alert_has_its_fault() -> None:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    assert {rule["alert"] for group in groups for rule in group["rules"]} == set(FAULTS)


def test_nothing_fires_while_all_is_well(watched: Watched) -> None:
    until(lambda: watched.eyes.value('syncd_parts{part="worker"}') == [1], "/metrics is read")
    until(lambda: all(one["health"] == "ok" for one in watched.eyes.rules()), "every rule can be evaluated")
    until(lambda: watched.eyes.firing() == [], "no alert fires")


@pytest.mark.parametrize("alert", FAULTS)
def test_the_fault_fires_its_alert_and_none_does_once_it_is_mended(watched: Watched, alert: str) -> None:
    until(lambda: watched.eyes.firing() == [], "no alert fires before", FAR)
    before = len(watched.told())
    fault, labels = FAULTS[alert]
    notice = [NOTICES[alert]] if alert in NOTICES else []
    with fault(watched):
        until(lambda: watched.fires(alert, labels), f"{alert} fires with {dict(labels)}", FAR)
        until(lambda: watched.told()[before:] == notice, f"the webhook was told {notice}")
    until(lambda: watched.eyes.firing() == [], "no alert fires any more", FAR)
    ended = [f"{one}.cleared" for one in notice]
    until(lambda: watched.told()[before:] == notice + ended, f"the webhook was told {ended}")


def test_a_case_without_an_incident_is_told_of_and_that_it_is_over(watched: Watched) -> None:
    before = len(watched.told())
    with nobody_on_call(watched):
        until(lambda: "link.stuck" in watched.told()[before:], "the webhook was told that it is stuck")
    until(lambda: "link.stuck.cleared" in watched.told()[before:], "the webhook was told that it is over")
    assert watched.told()[before:].count("link.stuck") == 1
