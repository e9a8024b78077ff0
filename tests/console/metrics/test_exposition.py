"""The text that Prometheus reads: every character of it is told apart from the format's own."""

from __future__ import annotations

from syncd.console.metrics.exposition import exposition
from syncd.flow.metrics.catalogue import LAG, LINKS, Family, Sample, alone, named


def test_a_gauge_and_a_counter() -> None:
    assert exposition([named(LINKS, {("open",): 2, ("ended",): 0})]).splitlines() == [
        "# HELP syncd_links Links, by their state.",
        "# TYPE syncd_links gauge",
        'syncd_links{state="ended"} 0',
        'syncd_links{state="open"} 2',
    ]


def test_what_has_no_labels_has_no_braces_and_a_large_number_is_whole() -> None:
    assert exposition([alone(LINKS, 1234567890123456)]).splitlines()[-1] == "syncd_links 1234567890123456"
    assert exposition([alone(LINKS, 0.25)]).splitlines()[-1] == "syncd_links 0.25"


def test_a_label_cannot_end_its_quotes_or_its_line() -> None:
    hostile = Sample({"direction": 'a"} 1\nevil{x="\\'}, 1.0, "_count")
    assert exposition([Family(LAG, [hostile])]).splitlines()[2:] == [
        r'syncd_lag_seconds_count{direction="a\"} 1\nevil{x=\"\\"} 1'
    ]
