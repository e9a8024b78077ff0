"""What was collected from an earlier moment on is known to whoever asks why, however long ago it was."""

from __future__ import annotations

from datetime import timedelta

from syncd.core.why.proving import Proving, Thing
from syncd.evidence.facts.dataset import Name
from syncd.evidence.kept import facts_of
from syncd.evidence.rules.values import Rules
from syncd.evidence.why.asking import Asking
from tests.evidence.collecting.rig import Rig


def test_times_of_an_incident_of_before_the_days_that_are_judged(rig: Rig) -> None:
    begun = sorted(rig.sim.account.incidents.values(), key=lambda one: one.created_at)
    oldest = begun[0]
    rules = Rules(window_days=1)
    assert oldest.created_at < rig.now - rules.window
    asking = Asking(rig.db, facts_of, rules)
    rig.collect(Name.INCIDENTS, since=oldest.created_at - timedelta(days=1))
    for name in (oldest.id, f"#{oldest.number}"):
        (proof,) = asking.about({Thing.INCIDENT}, name, ())
        assert (proof.is_found, proof.id) == (True, oldest.id)
    (nowhere,) = asking.about({Thing.INCIDENT}, "QNOWHERE", ())
    assert nowhere.verdict.gate is Proving.COVERED
    assert f"not among the {len(begun)} incidents" in nowhere.verdict.sentence
