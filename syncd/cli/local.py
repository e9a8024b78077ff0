"""Commands on the database of this machine's settings, with the same answers as /v1 gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from syncd.clock import Clock
from syncd.configuration import load
from syncd.connections.master_key import doubt, open_vault
from syncd.connections.open import Connections
from syncd.console.bodies import (
    Observe,
    OpenCase,
    Park,
    PauseIntegration,
    PauseLink,
    Repair,
    Replay,
    ResolveConflict,
    ResumeIntegration,
    ResumeLink,
    SendAlert,
    SwitchTwoWay,
)
from syncd.console.case_acts import BODIES, do, listed, new_case, reused
from syncd.console.intake import apart, faults_of, told
from syncd.console.queries import (
    CaseQuery,
    ConflictQuery,
    DeliveryPage,
    LinkQuery,
    RepairQuery,
    WhyQuery,
)
from syncd.console.v1.alerts import AlertsApi
from syncd.console.v1.checks import ChecksApi
from syncd.console.v1.conflicts import ConflictsApi
from syncd.console.v1.deliveries import DeliveriesApi
from syncd.console.v1.integrations import IntegrationsApi
from syncd.console.v1.links import LinksApi
from syncd.console.v1.presets import PresetsApi
from syncd.console.v1.repairs import RepairsApi
from syncd.console.v1.replays import ReplaysApi
from syncd.console.v1.routes import RoutesApi
from syncd.console.v1.status import status_as_json
from syncd.console.v1.why import WhyApi
from syncd.core.query.address import from_parameters
from syncd.core.why.proving import Nobody, Prover
from syncd.errors import Conflict, Misconfigured
from syncd.evidence.desk import Desk
from syncd.flow.status import writing
from syncd.flow.status.condition import Condition, condition
from syncd.settings import Settings
from syncd.store import integrations
from syncd.store.case_json import case_as_json, file_as_json
from syncd.store.cases import SLUG, Cases, Hand
from syncd.store.database import Database
from syncd.wiring import channels, prover, site

from .existing import existing_database
from .local_audit import LocalAudit
from .local_evidence import LocalEvidence
from .local_routing import LocalRouting
from .reach import Json, Query
from .valid import valid

VIA = "cli"
Ring = Callable[[Sequence[int]], object]

Model = TypeVar("Model", bound=BaseModel)


class Local:
    def __init__(
        self,
        db: Database,
        cases: Cases,
        connect: Callable[[], Connections],
        ring: Ring,
        *,
        look: Callable[[], Condition] | None = None,
        public_url: str = "",
        prover: Prover | None = None,
        desk: Desk | None = None,
    ) -> None:
        """`connect` needs the master key, which most commands do without; `look` says how the daemon is, where settings tell more."""
        self._look = look or partial(condition, db)
        self._db, self._cases, self._connect, self._ring = db, cases, connect, ring
        self._public_url, self._prover = public_url, prover or Nobody()
        self.audit = LocalAudit(db, checked)
        self.evidence = LocalEvidence(desk or Desk(db))
        self.routing = LocalRouting(RoutesApi(db, cases, connect), PresetsApi(db, cases, connect), valid)

    def open_case(self, fields: Json, idempotency_key: str | None) -> tuple[Json, bool]:
        body = valid(OpenCase, fields)
        new = new_case(body)
        opened = self._cases.open(new, Hand(body.by, VIA), idempotency_key)
        if not opened.is_same:
            raise Conflict(reused(opened.case.key))
        return case_as_json(opened.case, self._cases.site), opened.is_new

    def send_alert(self, fields: Json, idempotency_key: str | None) -> Json:
        return AlertsApi(self._db, self._ring).send(valid(SendAlert, fields), idempotency_key)

    def act(self, key: str, act: str, fields: Json) -> Json:
        return do(self._cases, key, valid(BODIES[act], fields), VIA)

    def cases(self, query: Query) -> list[Json]:
        return listed(self._cases, checked(CaseQuery, query))

    def case(self, key: str) -> Json:
        return file_as_json(self._cases.file(key), self._cases.site)

    def links(self, query: Query) -> list[Json]:
        return LinksApi(self._db).found(checked(LinkQuery, query))

    def act_on_link(self, number: int, act: str, fields: Json) -> Json:
        api = LinksApi(self._db)
        if act == "pause":
            return api.pause(number, valid(PauseLink, fields))
        return api.resume(number, valid(ResumeLink, fields))

    def act_on_integration(self, name: str, act: str, fields: Json) -> Json:
        api = IntegrationsApi(self._db)
        match act:
            case "pause":
                return api.pause(name, valid(PauseIntegration, fields))
            case "resume":
                return api.resume(name, valid(ResumeIntegration, fields))
            case "two-way":
                return api.two_way(name, valid(SwitchTwoWay, fields))
            case _:
                return api.observe(name, valid(Observe, fields))

    def conflicts(self, query: Query) -> list[Json]:
        return self._conflicts().found(checked(ConflictQuery, query))

    def resolve_conflict(self, fields: Json) -> Json:
        return self._conflicts().resolve(valid(ResolveConflict, fields))

    def _conflicts(self) -> ConflictsApi:
        return ConflictsApi(self._db, self._connect, self._ring)

    def deliveries(self, query: Query) -> list[Json]:
        own, terms = apart(query.items(), DeliveryPage)
        found = DeliveriesApi(self._db).found(checked(DeliveryPage, own), from_parameters(terms))
        return list(found["deliveries"])

    def delivery(self, number: int) -> Json:
        return DeliveriesApi(self._db).one(number)

    def status(self) -> Json:
        writing.tried(self._db)
        return status_as_json(self._look())

    def checks(self, name: str) -> list[Json]:
        return ChecksApi(self._db).checks(name)

    def why(self, query: Query) -> Json:
        writing.tried(self._db)
        api = WhyApi(self._db, self._connect, Clock(), self._public_url, self._prover)
        return api.answer(checked(WhyQuery, query))

    def replay(self, fields: Json) -> list[Json]:
        return self._replays().replay(valid(Replay, fields))

    def repairs(self, query: Query) -> list[Json]:
        return self._repairs().found(checked(RepairQuery, query))

    def repair(self, fields: Json) -> list[Json]:
        return self._repairs().ask(valid(Repair, fields))

    def compare(self, number: int) -> Json:
        return self._repairs().compare(number)

    def _repairs(self) -> RepairsApi:
        return RepairsApi(self._db, self._connect, Clock())

    def park(self, fields: Json) -> Json:
        return self._replays().park(valid(Park, fields))

    def _replays(self) -> ReplaysApi:
        return ReplaysApi(self._db, self._connect(), self._ring)


@contextmanager
def local(config: Path | None) -> Iterator[Local]:
    settings = load(config)
    with existing_database(settings) as db, _bell(settings) as ring:
        yield Local(
            db,
            Cases(db, site=site_of(settings, db), ring=ring),
            partial(_connect, settings, db),
            ring,
            look=lambda: condition(db, keys=doubt(settings, db), told_by=channels(settings)),
            public_url=settings.public_url,
            prover=prover(db, settings),
            desk=Desk(db, settings.evidence, settings.evidence_roster),
        )


def site_of(settings: Settings, db: Database) -> str:
    """On this machine the address that the daemon has written down, since only the daemon knows where it listens: `up` takes ports as options."""
    if settings.console_url or settings.is_behind_proxy():
        return site(settings)
    with db.read() as tx:
        home = integrations.get(tx, SLUG)
    return site(settings) if home is None else home.base_url


def _connect(settings: Settings, db: Database) -> Connections:
    return Connections(db, open_vault(settings, db), Clock(), outgoing=settings.outgoing())


@contextmanager
def _bell(settings: Settings) -> Iterator[Callable[[Sequence[int]], object]]:
    """Celery is loaded only where there is a broker to ring; without one the workers' sweep finds the change."""
    if not settings.redis_url:
        yield lambda _: None
        return
    from syncd.queue import bell

    ringer = bell(settings)
    try:
        yield ringer.ring
    finally:
        ringer.close()


def checked(model: type[Model], query: Query) -> Model:
    try:
        return model.model_validate_strings(dict(query))
    except ValidationError as error:
        raise Misconfigured(f"That is not valid: {told(faults_of(error))}.") from error
