"""/v1/integrations, their webhooks and checks, /v1/connectors, /v1/connection-log and /v1/codes as declared."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, ConfigDict, Field

from syncd.console.bodies import (
    AddConnector,
    AddIntegration,
    Authorise,
    ChangeIntegration,
    CreateWebhook,
    GiveHookSecret,
    Observe,
    PauseIntegration,
    Reconnect,
    RemoveConnector,
    RemoveIntegration,
    ResumeIntegration,
    Rotate,
    RotateWebhook,
    SwitchTwoWay,
)
from syncd.console.queries import LogQuery

from .operation import Answer, Operation


class Integration(Answer):
    name: str
    system: str
    kind: str
    side: Literal["case", "incident"]
    state: str
    code: str
    since: AwareDatetime
    address: str
    paused_at: AwareDatetime | None
    paused_by: str
    pause_reason: str
    observed_at: AwareDatetime | None
    observed_by: str
    account: str
    in_use: str
    writes_as: str
    is_two_way: bool
    is_read_only: bool
    acts_as_person: bool
    gives_evidence: bool
    consented_at: AwareDatetime | None
    consented_by: str


class Integrations(Answer):
    integrations: list[Integration]


class IntegrationChanged(Integration):
    changed: bool
    kept: int
    says: str


class Said(Answer):
    name: str
    says: str


class Warned(Said):
    warnings: list[str]


class Found(Answer):
    """What a credential finds; of a case system less than of PagerDuty."""

    account: str = ""
    region: str = ""
    users: str = ""
    services: str = ""
    key: str = ""
    writes_as: str = Field("", alias="writes as")
    abilities: str = ""


class Connected(Found, Warned):
    sync: str = ""
    hooks: str = ""


class Tested(Answer):
    """What was found out, in words for a person; of which things depends on the system."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, str]

    credential: str
    state: str = ""  # whether it is still disconnected


class Reconnected(Tested):
    """With the credential it has, what that finds; with another one, what is to be known of it."""

    credential: str = ""
    name: str
    says: str
    warnings: list[str] = Field(default_factory=list)


class Rotated(Warned):
    account: str = ""
    links: int = 0


class Authorisation(Found):
    name: str
    state: str
    says: str
    authorisation: str = ""
    by: str = ""
    url: str = ""
    redirect: str = ""
    expires_at: AwareDatetime | None = None
    warnings: tuple[str, ...] = ()


class HookSecretTaken(Said):
    hooks: str


class Webhook(Answer):
    old: str
    new: str
    is_made: bool
    says: str


class Webhooks(Said):
    made: list[Webhook]


class Happened(Answer):
    id: int
    integration: str
    at: AwareDatetime
    kind: str
    by: str
    code: str
    detail: str


class ConnectionLog(Answer):
    log: list[Happened]


class Check(Answer):
    integration: str
    mark: str
    check: str
    state: str
    finding: str
    code: str
    cure: str
    who: str
    since: AwareDatetime | None
    checked_at: AwareDatetime | None
    worked_at: AwareDatetime | None


class Checks(Answer):
    checks: list[Check]


class Code(Answer):
    code: str
    about: str
    cause: str
    cure: str
    who: str
    cure_by_oauth: str = ""


class Codes(Answer):
    codes: list[Code]


class Connector(Answer):
    name: str
    path: str
    integration: str
    state: str
    service: str
    also: list[str]  # that a case may ask for in its place
    cases: str
    priorities: str
    banner: str


class Connectors(Answer):
    connectors: list[Connector]


class PriorityPair(Answer):
    case: str
    name: str


class ConnectorMade(Warned):
    path: str
    integration: str
    service: str
    also: list[str]  # that a case may ask for in its place
    cases: str
    priorities: list[PriorityPair]
    unmapped: list[str]  # case priorities that mean nothing over there
    unheard: list[str]  # PagerDuty's that mean nothing here
    rule: str  # by which cases that name no connector go on to the one there was; empty: none was made


class ConnectorRemoved(Said):
    live_links: int = 0


_ONE = "/v1/integrations/{slug}"

OPERATIONS = (
    Operation("GET", "/v1/integrations", "The accounts that are connected", {200: Integrations}),
    Operation(
        "POST",
        "/v1/integrations",
        "Connect an account: it is asked first, and stored afterwards",
        {201: Connected},
        AddIntegration,
        asks_far_side=True,
    ),
    Operation(
        "POST", f"{_ONE}/pause", "Write nothing for an account's links", {200: IntegrationChanged}, PauseIntegration
    ),
    Operation("POST", f"{_ONE}/resume", "Let a paused account go on", {200: IntegrationChanged}, ResumeIntegration),
    Operation(
        "POST",
        f"{_ONE}/observe",
        "Read and plan for an account, and write nothing there; or write to it again",
        {200: IntegrationChanged},
        Observe,
    ),
    Operation(
        "POST",
        f"{_ONE}/two-way",
        "Let what happens in PagerDuty change cases, or not",
        {200: IntegrationChanged},
        SwitchTwoWay,
    ),
    Operation("POST", f"{_ONE}/test", "Try an account's credential now", {200: Tested}, asks_far_side=True),
    Operation(
        "POST", f"{_ONE}/rotate", "Give an account another credential", {200: Rotated}, Rotate, asks_far_side=True
    ),
    Operation(
        "POST",
        f"{_ONE}/reconnect",
        "Take a disconnected account up again: with the key it has, or with another",
        {200: Reconnected},
        Reconnect,
        asks_far_side=True,
    ),
    Operation(
        "POST", f"{_ONE}/set", "Change an account's settings", {200: Warned}, ChangeIntegration, asks_far_side=True
    ),
    Operation(
        "DELETE",
        _ONE,
        "Remove an account, or tell what would go with it",
        {200: Said},
        RemoveIntegration,
        asks_far_side=True,
    ),
    Operation(
        "POST", f"{_ONE}/webhook", "Give the secret of a webhook made by hand", {200: HookSecretTaken}, GiveHookSecret
    ),
    Operation(
        "POST",
        f"{_ONE}/webhook/create",
        "Have PagerDuty make a webhook",
        {201: Webhooks},
        CreateWebhook,
        asks_far_side=True,
    ),
    Operation(
        "POST",
        f"{_ONE}/webhook/rotate",
        "Replace a webhook's secret without a gap",
        {200: Webhooks},
        RotateWebhook,
        asks_far_side=True,
    ),
    Operation(
        "POST",
        f"{_ONE}/authorise",
        "Connect an account by OAuth: the answer has the address to open",
        {202: Authorisation, 200: Authorisation},
        Authorise,
        asks_far_side=True,
        answers_secret=True,
    ),
    Operation("GET", f"{_ONE}/authorisations/{{authorisation}}", "How an authorisation ended", {200: Authorisation}),
    Operation("GET", f"{_ONE}/checks", "What the last diagnosis of an account found", {200: Checks}),
    Operation("GET", f"{_ONE}/log", "What happened to a connection", {200: ConnectionLog}, query=LogQuery),
    Operation("GET", "/v1/connection-log", "What happened to all connections", {200: ConnectionLog}, query=LogQuery),
    Operation("GET", "/v1/connectors", "What cases are sent by", {200: Connectors}),
    Operation(
        "POST",
        "/v1/connectors",
        "Make a connector: on an account, or by the integration key of one service",
        {201: ConnectorMade},
        AddConnector,
        asks_far_side=True,
    ),
    Operation(
        "DELETE",
        "/v1/connectors/{name}",
        "Remove a connector, or tell what would go with it",
        {200: ConnectorRemoved},
        RemoveConnector,
    ),
    Operation("GET", "/v1/codes", "What each code means, and what helps", {200: Codes}),
)
