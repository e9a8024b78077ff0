"""What is answered about rules and presets, and what is wrong with one that somebody has sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from syncd.clock import Clock
from syncd.connections.joining.setup import existing
from syncd.connections.open import Connections
from syncd.connections.routing.presets import Ask, preset_as_given
from syncd.connections.routing.rules import rule_as_given
from syncd.connections.routing.words import Routed
from syncd.core.routing import Preset, Rule
from syncd.errors import Conflict
from syncd.flow.explaining import Explained, Preview
from syncd.store.database import Database
from syncd.store.row_json import Json
from syncd.systems.http import Http
from syncd.systems.trip import Trip

_SECONDS = 20.0  # for a few questions to an account, while somebody waits


def asking(database: Database, connect: Callable[[], Connections], clock: Clock) -> Ask:
    def ask(slug: str) -> tuple[Http, Trip]:
        with database.read() as tx:
            account = existing(tx, slug)
        if account.system != "pagerduty":
            raise Conflict(f"{slug} is not a PagerDuty account; `syncd integrations list` shows those there are.")
        return connect().pagerduty(account), Trip.begin("preset", clock.monotonic, _SECONDS)

    return ask


def done(sentences: Sequence[str]) -> Json:
    return {"changed": list(sentences), "says": " ".join(sentences) or "Nothing was changed: it is so already."}


def rule_shown(place: int, rule: Rule) -> Json:
    return {"place": place, **rule_as_given(rule)}


def preset_shown(preset: Preset) -> Json:
    policy = preset.escalation_policy_name or preset.escalation_policy
    return {**preset_as_given(preset), "escalation_policy_name": policy} if policy else preset_as_given(preset)


def explained(told: Explained) -> Json:
    way = told.routed if isinstance(told.routed, Routed) else None
    winner = way.rule.name if way is not None and way.rule is not None else None
    return {
        "case": told.asking.case_id,
        "system": told.asking.system,
        "rule": winner,
        "connector": way.connector.name if way is not None else None,
        "preset": way.preset.name if way is not None else None,
        "link": told.link.id if told.link is not None else None,
        "rules": [
            {
                "place": place,
                "rule": one.rule.name,
                "matches": one.is_match,
                "decides": one.rule.name == winner,
                "why": one.why,
                "connector": one.rule.connector,
                "preset": one.rule.preset,
            }
            for place, one in enumerate(told.judged, 1)
        ],
        "says": told.says,
    }


def previewed(case_id: str, it: Preview) -> Json:
    preset = it.routed.preset
    return {
        "case": case_id,
        "connector": it.routed.connector.name,
        "service": it.routed.connector.service_name or it.routed.connector.service_id,
        "preset": preset.name,
        "title": it.title,
        "urgency": it.style.urgency,
        "priority": it.priority_name,
        "priority_id": it.priority,
        "escalation_policy": preset.escalation_policy_name or preset.escalation_policy,
        "remark": it.style.remark,
        "body": it.body,
    }
