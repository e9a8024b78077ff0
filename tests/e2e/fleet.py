"""A whole site in real processes: both far sides behind gates, webs, workers and beat, each from a folder of its own."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import httpx
from sqlalchemy import and_, func, select

from syncd.clock import Clock
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.joining.casedesk import add_casedesk
from syncd.connections.joining.connectors import add_connector
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.master_key import open_vault
from syncd.connections.vault import generate_key
from syncd.connections.webhooks.making import add_hook_secret, make_webhook
from syncd.settings import Settings
from syncd.simulator import BOT_EMAIL, KEYS
from syncd.simulator.casedesk import HOOK_SECRET, TOKEN
from syncd.store import heartbeats
from syncd.store.database import Database
from syncd.store.schema import upgrade
from syncd.store.tables import arrivals, errands
from syncd.store.tables_of_looks import reconciles
from syncd.systems.pagerduty.events import ACTED_UPON
from tests.e2e.gate import Gate
from tests.e2e.peers import Cases, PagerDuty, Peer, client
from tests.e2e.program import Program, syncd
from tests.e2e.waiting import until
from tests.parts.loopback import OPENED
from tests.parts.ports import free_port
from tests.parts.terms import TERMS

ACCOUNT, BUILTIN, DESK = "pagerduty", "cases", "desk"
DESK_ACCOUNT = "syncd"  # the name our own writes on the desk are made under
UNKNOWN_EVENT = "incident.responder.added"  # one that syncd does not act upon
WORKER = syncd("worker")
_IS_STILL_LOOKED_FOR = and_(reconciles.c.why == "restart", reconciles.c.state != "done")
SERVICE, NOBODYS = "Checkout", "Payments"

Policy = Mapping[str, str]
#: connector -> service, priorities and policy; each exists once for each case system, under `<system>-<name>`.
CONNECTORS: Mapping[str, tuple[str, Sequence[str], Policy]] = {
    "plain": (SERVICE, (), {}),
    "other": (
        SERVICE,
        (),
        {"unacknowledged": "ignore", "case_reopened": "reopen", "priority": "case_wins"},
    ),
    "coarse": (SERVICE, ("P1=P1", "P2=P1", "P3=P3"), {}),
    "nobody": (NOBODYS, (), {}),
}


@dataclass(slots=True)
class Fleet:
    folder: Path
    settings: Settings
    db: Database
    env: Mapping[str, str] = field(repr=False)
    pagerduty_peer: Peer
    desk_peer: Peer
    gate: Gate  # in front of PagerDuty
    desk_gate: Gate
    web_ports: Sequence[int]  # where each takes hooks
    console_ports: Sequence[int]
    workers: Sequence[Program]
    programs: list[Program] = field(default_factory=list)
    _clients: dict[str, httpx.Client] = field(default_factory=dict, repr=False)

    # -- what people use

    @property
    def people(self) -> PagerDuty:
        return PagerDuty(self.pagerduty_peer)

    def cases(self, system: str, web: int = 0) -> Cases:
        if system == DESK:
            return Cases(DESK, self._client(self.desk_peer.base_url, TOKEN))
        return Cases(BUILTIN, self._client(self.console_url(web), self.settings.api_token.get_secret_value()))

    def _client(self, url: str, token: str) -> httpx.Client:
        return self._clients.setdefault(url, client(url, token))

    def hang_up(self) -> None:
        for one in (*self._clients.values(), self.pagerduty_peer.http, self.desk_peer.http):
            one.close()

    def web_url(self, web: int = 0) -> str:
        return f"http://127.0.0.1:{self.web_ports[web % len(self.web_ports)]}"

    def console_url(self, web: int = 0) -> str:
        return f"http://127.0.0.1:{self.console_ports[web % len(self.console_ports)]}"

    # -- its processes

    def program(self, name: str) -> Program:
        return next(one for one in self.programs if one.name == name)

    def add(self, name: str, argv: Sequence[str], **env: str) -> Program:
        made = Program(name, argv, {**self.env, **env}, self.folder / name)
        self.programs.append(made)
        return made

    def start_all(self) -> None:
        for program in self.programs:
            if program.process is None:
                program.start()
        self.await_ready()

    def await_ready(self) -> None:
        for number in range(len(self.web_ports)):
            self._await(self.program(f"web{number}"), partial(answers, f"{self.web_url(number)}/readyz"))
            self._await(self.program(f"web{number}"), partial(answers, f"{self.console_url(number)}/healthz"))
        for worker in self.workers:
            self._await(worker, partial(self.beating, worker))
        if any(one.name == "beat" for one in self.programs):
            until(self.is_swept, "beat's sweep has run")

    def _await(self, program: Program, is_ready: Callable[[], bool]) -> None:
        until(lambda: is_ready() or not program.is_running(), f"{program.name} is ready")
        assert program.is_running(), f"{program.name} ended while it was starting:\n{program.said()[-2000:]}"

    def beating(self, worker: Program) -> bool:
        """Every process of its pool has said that it is there."""
        with self.db.read() as tx:
            seen = {one.instance.rpartition(":")[2] for one in heartbeats.latest(tx) if one.part == "worker"}
        children = worker.children()
        return len(children) >= self.settings.worker_processes and all(str(pid) in seen for pid in children)

    def is_swept(self) -> bool:
        with self.db.read() as tx:
            return any(one.part == "beat" for one in heartbeats.latest(tx))

    def stop_all(self) -> None:
        for program in reversed(self.programs):
            program.stop()

    # -- when it has nothing left to do

    def pending(self, received_by: datetime | None = None) -> dict[str, int]:
        """Hooks not yet taken in, arrivals (received by a moment) not yet planned, errands that will still move."""
        waiting = select(func.count()).where(arrivals.c.state == "new")
        if received_by is not None:
            waiting = waiting.where(arrivals.c.received_at <= received_by)
        with self.db.read() as tx:
            new = tx.execute(waiting).scalar_one()
            live = tx.execute(select(func.count()).where(errands.c.state.in_(("waiting", "sending")))).scalar_one()
            looks = tx.execute(select(func.count()).where(_IS_STILL_LOOKED_FOR)).scalar_one()
        hooks = sum(len(_under_way(peer.hooks())) for peer in (self.pagerduty_peer, self.desk_peer))
        counts = {"hooks": hooks, "arrivals": new, "errands": live, "looks after a restart": looks}
        return {name: count for name, count in counts.items() if count}

    def await_quiet(self, seconds: float = 30.0, received_by: datetime | None = None) -> None:
        """Nothing moves, several times in a row: a hook that is just being sent stands in no list."""
        seen: list[dict[str, int]] = []

        def is_quiet() -> bool:
            seen.append(self.pending(received_by))
            return len(seen) > 5 and not any(seen[-5:])

        try:
            until(is_quiet, "nothing is under way any more", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error} Still pending: {seen[-1]}") from error


def _under_way(hooks: Sequence[Mapping[str, object]]) -> set[object]:
    """Webhooks whose last try was not the end of them."""
    last = {(each["webhook_id"], each["subscription"]): each["outcome"] for each in hooks}
    return {key for key, outcome in last.items() if outcome in {"retrying", "held"}}


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


@contextmanager
def fleet(
    folder: Path,
    database_url: str,
    redis_url: str,
    *,
    webs: int = 1,
    workers: int = 1,
    beat: bool = True,
    worker: Sequence[str] = WORKER,
    **settings: object,
) -> Iterator[Fleet]:
    """Running, connected and idle; everything it started is ended with it."""
    chosen = Settings.model_validate(_defaults(folder, database_url, redis_url) | settings)
    ports, console_ports = [free_port() for _ in range(webs)], [free_port() for _ in range(webs)]
    reached = {"public_url": f"http://127.0.0.1:{ports[0]}", "console_url": f"http://127.0.0.1:{console_ports[0]}"}
    chosen = chosen.model_copy(update=reached)
    sim_port, desk_port = free_port(), free_port()
    gate, desk_gate = Gate(sim_port), Gate(desk_port)
    db = Database(database_url, Clock(), pool_size=8)
    made = Fleet(
        folder,
        chosen,
        db,
        environment(chosen),
        Peer("PagerDuty", f"http://127.0.0.1:{sim_port}"),
        Peer("the case desk", f"http://127.0.0.1:{desk_port}"),
        gate,
        desk_gate,
        ports,
        console_ports,
        [],
    )
    try:
        upgrade(db)
        made.add("pagerduty", syncd("sim", "--port", str(sim_port)))
        made.add("desk", (sys.executable, "-m", "tests.e2e.desk", str(desk_port)))
        for peer, program in ((made.pagerduty_peer, made.programs[0]), (made.desk_peer, made.programs[1])):
            program.start()
            until(peer.answers, f"{peer.name} answers")
        _connect(made)
        _people(made, webs, [worker] * workers, beat=beat)
        made.start_all()
        yield made
    finally:
        gate.close()
        desk_gate.close()
        made.stop_all()
        made.hang_up()
        db.close()


def _people(made: Fleet, webs: int, workers: Sequence[Sequence[str]], *, beat: bool) -> None:
    for number in range(webs):
        ports = ("--port", str(made.web_ports[number]), "--console-port", str(made.console_ports[number]))
        made.add(f"web{number}", syncd("web", *ports))
    made.workers = [made.add(f"worker{number}", argv) for number, argv in enumerate(workers)]
    if beat:
        made.add("beat", syncd("beat"))


def _defaults(folder: Path, database_url: str, redis_url: str) -> dict[str, object]:
    return {
        "home": folder / "state",
        "database_url": database_url,
        "redis_url": redis_url,
        "master_keys": generate_key(),
        "api_token": secrets.token_urlsafe(16),
        "outgoing_allow": OPENED,
        "sweep_s": 1.0,
        "worker_processes": 1,
        "worker_threads": 16,
    }


def environment(settings: Settings) -> dict[str, str]:
    """What its processes are told, as an operator would tell them; each one's home is its own."""
    names = (
        "database_url",
        "redis_url",
        "redis_key_prefix",
        "public_url",
        "console_url",
        "outgoing_allow",
        "sweep_s",
        "metrics_port",
    )
    told = {name: str(getattr(settings, name)) for name in (*names, "worker_processes", "worker_threads")}
    secret = ("master_keys", "api_token", "notify_webhook_url", "notify_webhook_secret")
    told |= {name: getattr(settings, name).get_secret_value() for name in secret}
    return {f"SYNCD_{name.upper()}": value for name, value in told.items() if value}


def _connect(made: Fleet) -> None:
    """What a person does once."""
    setup = Setup(made.db, open_vault(made.settings, made.db), made.db.clock, made.settings.outgoing())
    ensure_builtin(made.db, made.settings.console_url)
    add_pagerduty(setup, ACCOUNT, api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=made.gate.url)
    make_webhook(setup, ACCOUNT, made.web_url())
    # A second web, and what our own subscription does not ask for, have ones that a person made, with secrets of their own.
    for web in range(1, len(made.web_ports)):
        _subscribe_by_hand(made, setup, made.web_url(web), ACTED_UPON)
    _subscribe_by_hand(made, setup, made.web_url(), [UNKNOWN_EVENT])
    add_casedesk(setup, DESK, base_url=made.desk_gate.url, token=TOKEN, writes_as=DESK_ACCOUNT)
    add_hook_secret(setup, DESK, HOOK_SECRET)
    hooks = f"http://127.0.0.1:{made.web_ports[-1]}/hooks/{DESK}"
    made.desk_peer.http.put("/_sim/hook", json={"url": hooks}).raise_for_status()
    for system in (BUILTIN, DESK):
        for name, (service, priorities, policy) in CONNECTORS.items():
            add_connector(
                setup,
                f"{system}-{name}",
                integration=ACCOUNT,
                service=service,
                case_system=system,
                priorities=priorities,
                policy=policy,
            )
    # A busy minute of all stories at once is more than a key's budget; how 429 is met is told elsewhere.
    made.pagerduty_peer.turn(requests_per_minute=1_000_000)
    services = made.pagerduty_peer.state()["services"]
    nobodys = next(it["id"] for it in services if it["name"] == NOBODYS)
    made.pagerduty_peer.post(f"/_sim/services/{nobodys}/oncall", {"users": []})


def _subscribe_by_hand(made: Fleet, setup: Setup, url: str, events: Sequence[str]) -> None:
    asked = {"url": f"{url}/hooks/{ACCOUNT}", "events": list(events)}
    add_hook_secret(setup, ACCOUNT, made.pagerduty_peer.post("/_sim/subscriptions", asked)["secret"])
