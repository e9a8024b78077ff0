"""/v1/evidence as declared: answers, what they rest on, and what people do about it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime

from syncd.console.bodies import AcceptFinding, CollectEvidence, MakeBundle, WithdrawAcceptance
from syncd.console.queries import EvidenceDiff, EvidenceQuery, EvidenceStatusQuery, FindingsQuery
from syncd.evidence.facts.dataset import Name

from .evidence_report import (
    EvidenceCollection,
    EvidenceControl,
    EvidenceDataset,
    EvidenceException,
    EvidenceReport,
)
from .operation import Answer, Operation


class EvidenceAccount(Answer):
    name: str
    account: str
    state: str
    snapshots: int


class EvidenceAccounts(Answer):
    accounts: list[EvidenceAccount]


class EvidenceStatus(Answer):
    name: str
    at: AwareDatetime
    datasets: list[EvidenceDataset]
    collections: list[EvidenceCollection]


class EvidenceFindings(Answer):
    control: EvidenceControl
    findings: list[EvidenceException]
    next: str | None


class CollectionAsked(Answer):
    id: int
    dataset: Name
    state: str
    since: AwareDatetime | None


class EvidenceAsked(Answer):
    name: str
    collections: list[CollectionAsked]
    says: str


class Acceptance(Answer):
    id: int
    integration: str
    check: str
    subject: str  # empty: whatever the check finds
    at: AwareDatetime
    by: str
    until: AwareDatetime
    why: str
    withdrawn_at: AwareDatetime | None
    withdrawn_by: str
    state: Literal["standing", "over", "withdrawn"]


class Acceptances(Answer):
    acceptances: list[Acceptance]


class AcceptanceTold(Acceptance):
    is_found: bool  # the check finds it, as far as is known
    mind: str  # where it does not: that it finds nothing wrong, or that nobody can tell, and why
    says: str


class AcceptanceWithdrawn(Acceptance):
    says: str


class EvidenceSnapshot(Answer):
    integration: str
    number: int
    window_start: AwareDatetime
    window_end: AwareDatetime
    made_at: AwareDatetime
    asked_by: str
    fingerprint: str
    sha256: str  # of its manifest


class EvidenceSnapshots(Answer):
    snapshots: list[EvidenceSnapshot]


class EvidenceChange(Answer):
    what: str
    check: str
    subject: str
    name: str
    before: Any
    after: Any


class EvidenceChanges(Answer):
    changes: list[EvidenceChange]


class SigningKey(Answer):
    fingerprint: str
    state: Literal["signs", "retired"]
    public_key: str
    created_at: AwareDatetime
    retired_at: AwareDatetime | None


class SigningKeys(Answer):
    keys: list[SigningKey]


_ONE = "/v1/evidence/{slug}"

OPERATIONS = (
    Operation("GET", "/v1/evidence", "The accounts that evidence is collected from", {200: EvidenceAccounts}),
    Operation("GET", "/v1/evidence/key", "The public keys that bundles are verified by", {200: SigningKeys}),
    Operation(
        "GET",
        _ONE,
        "What became of each check over a time, or the answer of a snapshot again",
        {200: EvidenceReport},
        query=EvidenceQuery,
    ),
    Operation(
        "GET",
        f"{_ONE}/status",
        "How recent each dataset is, and what became of each time it was due",
        {200: EvidenceStatus},
        query=EvidenceStatusQuery,
    ),
    Operation(
        "GET",
        f"{_ONE}/findings/{{check}}",
        "What one check finds, subject by subject",
        {200: EvidenceFindings},
        query=FindingsQuery,
    ),
    Operation("GET", f"{_ONE}/acceptances", "Every acceptance, those that are over as well", {200: Acceptances}),
    Operation("GET", f"{_ONE}/snapshots", "The answers that were given, the newest first", {200: EvidenceSnapshots}),
    Operation(
        "GET",
        f"{_ONE}/diff",
        "What changed between two snapshots, or since one of them",
        {200: EvidenceChanges},
        query=EvidenceDiff,
    ),
    Operation(
        "POST",
        f"{_ONE}/bundle",
        "Make a bundle, and keep it as a snapshot, or give the signed manifest and report of one again; its SHA-256 is in the header X-Syncd-Sha256",
        {},
        MakeBundle,
        files=("application/zip",),
        makes_anew=True,
    ),
    Operation(
        "POST",
        f"{_ONE}/collect",
        "Have an account collected from now, by the workers",
        {202: EvidenceAsked},
        CollectEvidence,
    ),
    Operation(
        "POST", f"{_ONE}/accept", "Live with what a check finds, for a time", {201: AcceptanceTold}, AcceptFinding
    ),
    Operation("POST", f"{_ONE}/withdraw", "Take an acceptance back", {200: AcceptanceWithdrawn}, WithdrawAcceptance),
)
