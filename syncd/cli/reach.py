"""What commands about records act on: the local database, or a daemon's HTTP API. Both give the same JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Protocol

import typer

from .reach_audit import AuditReach
from .reach_evidence import EvidenceReach
from .reach_routing import RoutingReach

Json = dict[str, Any]
Query = Mapping[str, str]  # filters and pages, named as in the address of /v1

ServerOption = Annotated[
    str | None,
    typer.Option("--server", envvar="SYNCD_SERVER", help="A daemon's address; SYNCD_TOKEN holds its API token."),
]
OutputOption = Annotated[str | None, typer.Option("-o", "--output", help="table, json, ndjson or csv.")]
LimitOption = Annotated[int, typer.Option(min=1, max=500, help="At most this many.")]


class Reach(Protocol):
    @property
    def audit(self) -> AuditReach:
        """Counting deliveries."""

    @property
    def evidence(self) -> EvidenceReach:
        """Reports."""

    @property
    def routing(self) -> RoutingReach:
        """Rules and presets."""

    def open_case(self, fields: Json, idempotency_key: str | None) -> tuple[Json, bool]:
        """The case, and whether it is new."""

    def act(self, key: str, act: str, fields: Json) -> Json:
        """`act` is the last part of the address of /v1/cases/{key}/{act}."""

    def send_alert(self, fields: Json, idempotency_key: str | None) -> Json: ...

    def cases(self, query: Query) -> list[Json]: ...

    def case(self, key: str) -> Json: ...

    def links(self, query: Query) -> list[Json]: ...

    def act_on_link(self, number: int, act: str, fields: Json) -> Json:
        """`act` is the last part of the address of /v1/links/{number}/{act}."""

    def act_on_integration(self, name: str, act: str, fields: Json) -> Json:
        """`act` is the last part of the address of /v1/integrations/{name}/{act}."""

    def conflicts(self, query: Query) -> list[Json]: ...

    def resolve_conflict(self, fields: Json) -> Json: ...

    def deliveries(self, query: Query) -> list[Json]: ...

    def delivery(self, number: int) -> Json: ...

    def why(self, query: Query) -> Json: ...

    def status(self) -> Json: ...

    def checks(self, name: str) -> list[Json]:
        """What the last diagnosis of an account found."""

    def replay(self, fields: Json) -> list[Json]:
        """What becomes of each; with `dry_run` what would."""

    def compare(self, number: int) -> Json: ...

    def repairs(self, query: Query) -> list[Json]: ...

    def repair(self, fields: Json) -> list[Json]: ...

    def park(self, fields: Json) -> Json: ...


def given(**filters: object) -> Query:
    """Only what somebody asked for."""
    return {name: str(value) for name, value in filters.items() if value is not None}
