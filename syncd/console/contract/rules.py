"""/v1/routes and /v1/presets as declared."""

from __future__ import annotations

from pydantic import Field

from syncd.console.bodies import (
    AddPreset,
    AddRule,
    ImportRules,
    MoveRule,
    RemovePreset,
    RemoveRule,
)
from syncd.console.queries import ExplainQuery, PreviewQuery

from .operation import Answer, Operation


class Rule(Answer):
    place: int
    name: str
    connector: str
    preset: str
    source: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    title: tuple[str, ...] = ()


class Rules(Answer):
    routes: list[Rule]


class RulesChanged(Answer):
    changed: list[str]
    says: str


class RulesImported(RulesChanged):
    check: bool


class Judgement(Answer):
    place: int
    rule: str
    matches: bool
    decides: bool
    why: str
    connector: str
    preset: str


class Explanation(Answer):
    case: str
    system: str
    rule: str | None
    connector: str | None
    service: str | None
    preset: str | None
    link: int | None
    remark: str
    rules: list[Judgement]
    says: str


class RulesFile(Answer):
    text: str


class Preset(Answer):
    name: str
    title: str = ""
    body: str = ""
    urgency: str = ""
    integration: str = ""
    priorities: dict[str, str] = Field(default_factory=dict)
    escalation_policy: str = ""
    escalation_policy_name: str = ""


class Presets(Answer):
    presets: list[Preset]


class Preview(Answer):
    case: str
    connector: str
    service: str
    preset: str
    title: str
    urgency: str
    priority: str
    priority_id: str
    escalation_policy: str
    remark: str
    body: str


_REFUSED_AS_IT_IS = frozenset({404, 409})

OPERATIONS = (
    Operation("GET", "/v1/routes", "The rules that choose a case's connector, in their order", {200: Rules}),
    Operation("POST", "/v1/routes", "Add a rule, or replace one", {201: RulesChanged}, AddRule),
    Operation(
        "GET",
        "/v1/routes/explain",
        "What the rules make of a case, and why",
        {200: Explanation},
        query=ExplainQuery,
        asks_far_side=True,
        problems=_REFUSED_AS_IT_IS,
    ),
    Operation("GET", "/v1/routes/export", "Rules and presets as one file", {200: RulesFile}),
    Operation(
        "POST",
        "/v1/routes/import",
        "Take over a file of rules and presets, or tell what it would change",
        {200: RulesImported},
        ImportRules,
        asks_far_side=True,
    ),
    Operation("POST", "/v1/routes/{name}/move", "Move a rule to another place", {200: RulesChanged}, MoveRule),
    Operation("POST", "/v1/routes/{name}/remove", "Remove a rule", {200: RulesChanged}, RemoveRule),
    Operation("GET", "/v1/presets", "What opened incidents look like", {200: Presets}),
    Operation(
        "POST",
        "/v1/presets",
        "Add a preset, or replace one",
        {201: RulesChanged},
        AddPreset,
        asks_far_side=True,
    ),
    Operation(
        "GET",
        "/v1/presets/preview",
        "How the incident of a case would look",
        {200: Preview},
        query=PreviewQuery,
        asks_far_side=True,
        problems=_REFUSED_AS_IT_IS,
    ),
    Operation("POST", "/v1/presets/{name}/remove", "Remove a preset", {200: RulesChanged}, RemovePreset),
)
