"""The simulated PagerDuty as one object: a ready account, its REST API, its webhooks, its people and its faults."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from types import TracebackType
from typing import Self

import httpx
from starlette.types import ASGIApp

from syncd.clock import Clock
from syncd.simulator.account import Account, Key, Priority, Service, User, direct
from syncd.simulator.asgi import DoorApp, DoorTransport
from syncd.simulator.control import ControlledApp, Controls
from syncd.simulator.control_acts import Acts
from syncd.simulator.courier import Courier
from syncd.simulator.door import Door
from syncd.simulator.estate import Manifest, Sizes, furnish
from syncd.simulator.faults import Faults
from syncd.simulator.ids import Ids
from syncd.simulator.journal import Journal
from syncd.simulator.oauth_acts import OAuthActs
from syncd.simulator.page import page
from syncd.simulator.people import People
from syncd.simulator.rest import Rest
from syncd.simulator.switches import Carriage, Switches
from syncd.simulator.webhooks import Webhooks
from syncd.simulator.world import World

API_URL = "https://api.pagerduty.com"
WEB_URL = "https://simulated.pagerduty.com"
BOT_EMAIL = "syncd-bot@example.com"
PEOPLE = (
    ("Ana Lima", "ana.lima@example.com"),
    ("Ben Osei", "ben.osei@example.com"),
    ("Chidi Park", "chidi.park@example.com"),
)
PRIORITIES = ("Outage", "Major", "Moderate", "Minor", "Notice")
SERVICES = ("Checkout", "Payments")


@dataclass(frozen=True, slots=True)
class SimulatorKeys:
    """The same in every simulated account, so that a demo needs no copying. They open nothing real."""

    full: str = "u+simfullkey00000000"
    read_only: str = "u+simreadkey00000000"
    user: str = "u+simanakey000000000"  # Ana Lima's own
    app: str = "pdus+sim_app_token_0000"  # an application's token, sent as Bearer
    checkout: str = "simcheckout000000000000000000000"  # of the Events API: integration keys of the two services
    payments: str = "simpayments000000000000000000000"
    team: str = "u+simteamkey00000000"  # sees what belongs to one team; this and the next two are in made accounts only
    bound: str = "u+simboundkey0000000"  # of a user who is bound to their teams
    admin: str = "u+simadminkey0000000"  # of a Global Admin


KEYS = SimulatorKeys()


class Simulator:
    """Use it as a context manager, or close it: it ends the courier's threads."""

    def __init__(
        self,
        world: World,
        *,
        seed: int,
        carriage: Carriage,
        verify: ssl.SSLContext | bool = True,
        webhook_transport: Callable[[], httpx.BaseTransport] | None = None,
        manifest: Manifest | None = None,
    ) -> None:
        """`manifest`: what was planted, in an account that was made."""
        self.manifest = manifest
        dice = Random(seed)  # noqa: S311 - faults must repeat with the seed
        self.world, self.carriage = world, carriage
        self.switches, self.account, self.keys = world.switches, world.account, KEYS
        self.journal = Journal()
        own_dice = Random(seed + 2)  # noqa: S311 - draws of its own: webhooks must not change which requests fail
        self.faults = Faults(own_dice, world.clock)
        self.webhooks = Webhooks(world, carriage)
        self.courier = Courier(
            self.webhooks, carriage, self.journal, world.clock, dice, verify=verify, transport=webhook_transport
        )
        self.webhooks.courier = self.courier
        world.announce = self.webhooks
        self.people = People(world)
        self.rest = Rest(world, self.webhooks)
        self.oauth = self.rest.authority
        self.door = Door(
            self.rest, self.faults, self.journal, world.clock, Ids(seed + 1), lambda: world.switches.clock_ahead_s
        )
        controls = Controls((carriage, world.switches), self.faults, self.journal, self.courier)
        acts = (*Acts(self.people, manifest).routes(), *OAuthActs(self.oauth).routes())
        self.app: ASGIApp = ControlledApp(DoorApp(self.door, partial(page, self.account)), (*controls.routes(), *acts))

    def transport(self, pass_time: Callable[[float], None] | None = None) -> httpx.BaseTransport:
        """REST without a socket, for runs in simulated time."""
        return DoorTransport(self.door, pass_time)

    def close(self) -> None:
        self.courier.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def simulator(
    *,
    seed: int = 1,
    clock: Clock | None = None,
    api_url: str = API_URL,
    web_url: str = WEB_URL,
    verify: ssl.SSLContext | bool = True,
    webhook_transport: Callable[[], httpx.BaseTransport] | None = None,
) -> Simulator:
    """A ready account: three people and syncd's bot, two services, five priorities, known keys."""
    ids, time = Ids(seed), clock or Clock()
    account = _account(ids, time, api_url, web_url)
    world = World(account, Switches(), time, ids)
    return Simulator(world, seed=seed, carriage=Carriage(), verify=verify, webhook_transport=webhook_transport)


def made_simulator(
    sizes: Sizes | None = None,
    *,
    seed: int = 7,
    clock: Clock | None = None,
    api_url: str = API_URL,
    web_url: str = WEB_URL,
) -> Simulator:
    """A large account with known faults. Its manifest says which, and the same seed and time make it again."""
    ids, time = Ids(seed), clock or Clock()
    account = Account(api_url, web_url)
    _add_priorities(account, ids)
    named = tuple((name, getattr(KEYS, name.lower())) for name in SERVICES)
    manifest = furnish(
        account,
        time.now(),
        seed=seed,
        sizes=sizes or Sizes(),
        named_people=PEOPLE,
        bot=BOT_EMAIL,
        named_services=named,
    )
    _add_keys(account, next(iter(account.users)))
    account.keys[KEYS.team] = Key(KEYS.team, "read_only", team_ids=(next(iter(account.teams)),))
    for secret, role in ((KEYS.bound, "restricted_access"), (KEYS.admin, "admin")):
        owner = next(it.id for it in account.users.values() if it.role == role)
        account.keys[secret] = Key(secret, "user", owner)
    world = World(account, Switches(), time, ids)
    return Simulator(world, seed=seed, carriage=Carriage(), manifest=manifest)


def _account(ids: Ids, clock: Clock, api_url: str, web_url: str) -> Account:
    account = Account(api_url, web_url)
    for name, email in (*PEOPLE, ("syncd bot", BOT_EMAIL)):
        user = User(ids.record(), name, email, role="user")
        account.users[user.id] = user
    ana, ben, *_ = account.users
    _add_priorities(account, ids)
    for name, on_call in zip(SERVICES, (ana, ben), strict=True):
        policy = direct(ids.record(), f"{name} on call", (on_call,))
        account.policies[policy.id] = policy
        service = Service(ids.record(), name, policy.id, f"The {name.lower()} service", clock.now())
        account.services[service.id] = service
        account.integration_keys[getattr(KEYS, name.lower())] = service.id
    _add_keys(account, ana)
    return account


def _add_priorities(account: Account, ids: Ids) -> None:
    for level, description in enumerate(PRIORITIES, start=1):
        priority = Priority(ids.record(), f"P{level}", description)
        account.priorities[priority.id] = priority


def _add_keys(account: Account, user_id: str) -> None:
    for secret, kind, of in (
        (KEYS.full, "full", None),
        (KEYS.read_only, "read_only", None),
        (KEYS.user, "user", user_id),
        (KEYS.app, "app", None),
    ):
        account.keys[secret] = Key(secret, kind, of)
