"""What an account's answers are made from in tests: facts that are given, and pages with everybody's names in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from syncd.evidence.answering import Question
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import EVERY, Name
from syncd.evidence.freshness import DueCollection, Freshness, State
from syncd.evidence.report.report import Collected
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from syncd.store.database import Tx
from syncd.store.evidence.pages import RawPage
from tests.evidence.account import COLLECTED, GOOD, NOW, RULES

WINDOW = Span(NOW - timedelta(days=30), NOW)


def page(dataset: str, request: str, body: Any) -> RawPage:  # noqa: ANN401 - JSON
    kept = json.dumps(body).encode()
    return RawPage(dataset, request, COLLECTED, 200, "req-1", kept, sha256(kept).hexdigest())


def pages(facts: Facts = GOOD) -> tuple[RawPage, ...]:
    """As PagerDuty would have told it: users, and logs that name them."""
    users = [
        {
            "id": one.id,
            "type": "user",
            "name": one.name,
            "summary": one.name,
            "role": one.role,
            "job_title": f"Boss of {one.name}",
        }
        for one in facts.users.rows
    ]
    entries = [
        {
            "id": f"L{at}",
            "type": "acknowledge_log_entry",
            "summary": f"Acknowledged by {one['name']}.",
            "agent": {"id": one["id"], "type": "user_reference", "summary": one["name"]},
            "channel": {"type": "note", "content": f"Told {one['name'].upper()}; see https://example.com"},
        }
        for at, one in enumerate(users)
    ]
    gone = {"id": "UGONE", "type": "user_reference", "summary": "Gone Person"}
    incident = {"id": "I1", "type": "incident", "title": "Gone person was called", "last_status_change_by": gone}
    return (
        page(Name.INCIDENTS, "GET /incidents?limit=100&offset=0", {"incidents": [incident]}),
        page(Name.INCIDENTS, "GET /incidents/I1/log_entries", {"log_entries": entries}),
        page(Name.USERS, "GET /users?limit=100&offset=0", {"users": users}),
    )


@dataclass(frozen=True)
class Held:
    """The same at every time."""

    held: Facts = GOOD
    read: tuple[RawPage, ...] = field(default_factory=pages)
    visible: tuple[str, ...] = ()

    def facts(self, tx: Tx, slug: str, window: Span, at: object) -> Facts:  # noqa: ARG002
        return self.held

    def pages(self, tx: Tx, slug: str, window: Span, at: object) -> Iterator[RawPage]:  # noqa: ARG002
        return iter(self.read)

    def collected(self, tx: Tx, slug: str, window: Span, at: object) -> Collected:  # noqa: ARG002
        fresh = tuple(Freshness(name, State.ON_TIME, EVERY[name], COLLECTED, None, "", 1) for name in Name)
        due = (
            DueCollection(Name.INCIDENTS, COLLECTED, "done", COLLECTED),
            DueCollection(Name.USERS, COLLECTED, "missing"),
        )
        return Collected(fresh, due, self.visible)


def question(**changes: Any) -> Question:  # noqa: ANN401
    asked: dict[str, Any] = {
        "slug": "acme",
        "subdomain": "acme-inc",
        "window": WINDOW,
        "rules": RULES,
        "asked_by": "Ana Auditor",
        "made_at": NOW,
    }
    return Question(**{**asked, **changes})


__all__ = ["WINDOW", "Held", "Rules", "page", "pages", "question"]
