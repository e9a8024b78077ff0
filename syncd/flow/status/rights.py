"""What the key of an account may not do though it is needed, for whoever asks for the status: as the last diagnosis found it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from syncd.core.diagnostics import CATALOGUE, Subject
from syncd.flow.finding import Finding
from syncd.store.integrations import Integration
from syncd.store.probes import Probe


def findings(failing: Sequence[Probe], accounts: Sequence[Integration]) -> list[Finding]:
    """That a key is refused is told already by the account that is disconnected for it."""
    away = {one.slug for one in accounts if not one.is_connected}
    by_oauth = {one.slug for one in accounts if one.is_by_oauth}
    told = [one for one in failing if one.subject is not Subject.KEY or one.integration not in away]
    return [Finding(f"{one.integration}: {one.finding} ({one.code})", _cure(one, by_oauth)) for one in told]


def _cure(one: Probe, by_oauth: Collection[str]) -> str:
    return CATALOGUE[one.code].cured(one.integration, is_by_oauth=one.integration in by_oauth)
