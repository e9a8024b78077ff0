"""`--compare` asks PagerDuty for our subscription as well, so that what no guardian has seen yet is named at its gate."""

from __future__ import annotations

import pytest

from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Act, Who
from tests.connections.site import ACME
from tests.flow.why.whole import Whole


def _gone(whole: Whole) -> None:
    whole.site.there.clear()


def _off(whole: Whole) -> None:
    for one in whole.site.there.values():
        one.active = False


def _elsewhere(whole: Whole) -> None:
    for one in whole.site.there.values():
        one.url = "https://old.test/hooks/acme"


@pytest.mark.parametrize(
    ("happens", "says", "command", "who"),
    [
        (_gone, "was deleted in PagerDuty", f"syncd integrations webhook {ACME} --create", Who.YOU),
        (_elsewhere, "sends to https://old.test", f"syncd integrations webhook {ACME} --rotate", Who.YOU),
        (_off, "was switched off in PagerDuty", "", Who.NOBODY),
    ],
)
def test_what_nobody_has_looked_at_yet_is_found_by_reading(
    whole: Whole, happens: object, says: str, command: str, who: Who
) -> None:
    assert callable(happens)
    assert not whole.ask("CS-1", compare=True).verdict.stops
    happens(whole)
    assert not whole.ask("CS-1").verdict.stops, "nobody here knows of it"
    verdict = whole.ask("CS-1", compare=True).verdict
    assert (verdict.gate, verdict.stops, verdict.who) == (Gate.HEARD, True, who), verdict.sentence
    assert says in verdict.sentence
    assert verdict.command == command
    assert verdict.act is (Act.MEND_WEBHOOK if command else None)
