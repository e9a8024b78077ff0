"""What syncd writes on people's records."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncd.core import wording
from syncd.core.changes import Actor, Verb

BEN = Actor("Ben Osei")


def test_a_resolution_note_is_marked_as_pagerduty_marks_it_and_only_once() -> None:
    marked = wording.resolution_note("Rolled back.")
    assert marked == "Resolution Note: Rolled back."
    assert wording.resolution_note(marked) == marked
    assert wording.without_resolution_prefix(marked) == "Rolled back."


def test_a_closed_case_is_told_what_it_does_not_follow() -> None:
    assert wording.incident_moved(Verb.RESOLVE, BEN, is_case_closed=True) == (
        "Ben Osei (PagerDuty) resolved the incident. The case is closed, so its status stays."
    )


def test_who_is_not_known_is_not_made_up() -> None:
    assert wording.in_pagerduty(Actor()) == "PagerDuty"
    assert wording.person(Actor()) == "Somebody"


@given(st.text(max_size=300), st.integers(80, 200))
def test_what_is_cut_fits_and_says_so(text: str, limit: int) -> None:
    fitted = wording.fit(text, limit)
    assert len(fitted.encode("utf-8", "surrogatepass")) <= limit
    assert fitted == text or "shortened by syncd" in fitted
