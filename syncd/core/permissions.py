"""Who may do what: actions, the roles that are sets of them, and a caller who has a role. Nothing is allowed unless it stands here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

TOKEN_DAYS = 90  # a token lasts, where nobody says how long


class Action(StrEnum):
    CASES_READ = "cases:Read"
    CASES_WRITE = "cases:Write"
    SYNC_READ = "sync:Read"  # links, deliveries, conflicts and repairs
    SYNC_OPERATE = "sync:Operate"  # pause, replay, park, repair, decide
    INTEGRATIONS_READ = "integrations:ReadConfig"
    INTEGRATIONS_MANAGE = "integrations:Manage"
    EVIDENCE_READ = "evidence:Read"  # reports, snapshots and bundles
    EVIDENCE_OPERATE = "evidence:Operate"  # collect now, accept what a check finds
    ACCESS_READ = "access:Read"  # tokens and users, never their secrets
    ACCESS_MANAGE = "access:Manage"


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    AUDITOR = "auditor"


_READS = frozenset({Action.CASES_READ, Action.SYNC_READ, Action.INTEGRATIONS_READ, Action.EVIDENCE_READ})
#: An auditor sees evidence, who has access here and what was done: no cases, no incidents, no accounts. And changes nothing.
ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.VIEWER: _READS,
    Role.OPERATOR: _READS | {Action.CASES_WRITE, Action.SYNC_OPERATE, Action.EVIDENCE_OPERATE},
    Role.ADMIN: frozenset(Action),
    Role.AUDITOR: frozenset({Action.EVIDENCE_READ, Action.ACCESS_READ}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks: a token, a user, or with `may_name_others` this machine's own token, which speaks for whom it says."""

    name: str
    role: Role
    scope: frozenset[str] = frozenset()  # integrations; empty: all of them
    may_name_others: bool = False
    token_id: str = ""  # of a token that is kept in a row

    @property
    def is_scoped(self) -> bool:
        return bool(self.scope)

    def may(self, action: Action) -> bool:
        return action in ALLOWED[self.role]

    def reaches(self, integration: str) -> bool:
        return not self.scope or integration in self.scope
