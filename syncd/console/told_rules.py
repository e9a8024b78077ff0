"""What is answered about rules and presets, and what is wrong with one that somebody has sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.routing.accounts import Accounts
from syncd.connections.routing.presets import preset_as_given
from syncd.connections.routing.rules import rule_as_given
from syncd.connections.routing.words import Routed
from syncd.core.routing import Preset, Rule
from syncd.flow.explaining import Explained, Preview
from syncd.store.database import Database
from syncd.store.row_json import Json


def accounts(database: Database, connect: Callable[[], Connections], clock: Clock) -> Accounts:
    return Accounts(database, lambda account: connect().pagerduty(account), clock)


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
        "service": way.chosen(told.asking.seen).service.called if way is not None else None,
        "preset": way.preset.name if way is not None else None,
        "link": told.link.id if told.link is not None else None,
        "remark": told.remark,
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
        "service": it.service,
        "preset": preset.name,
        "title": it.title,
        "urgency": it.style.urgency,
        "priority": it.priority_name,
        "priority_id": it.priority,
        "escalation_policy": preset.escalation_policy_name or preset.escalation_policy,
        "remark": it.style.remark,
        "body": it.body,
    }
