"""What the key of an account may not do though it is needed, for whoever asks for the status: as the last diagnosis found it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from syncd.core.diagnostics import CATALOGUE, Subject
from syncd.flow.finding import Finding
from syncd.store.integrations import Integration
from syncd.store.probes import Probe


def findings(failing: Sequence[Probe], disconnected: Collection[Integration]) -> list[Finding]:
    """That a key is refused is told already by the account that is disconnected for it."""
    away = {one.slug for one in disconnected}
    told = [one for one in failing if one.subject is not Subject.KEY or one.integration not in away]
    return [Finding(f"{one.integration}: {one.finding} ({one.code})", _cure(one)) for one in told]


def _cure(one: Probe) -> str:
    return CATALOGUE[one.code].cured(one.integration)
