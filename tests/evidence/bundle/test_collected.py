"""Answers of an account that was really collected: all its faults are in the bundle, no person is, and the past is told as it was."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from syncd.evidence.answering import Question, answer
from syncd.evidence.bundle.making import Maker, report_in
from syncd.evidence.bundle.verifying import Trusted, verify
from syncd.evidence.collecting import collector, due
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.judged import judge_collected
from syncd.evidence.known import Kept
from syncd.evidence.report.plain import plain
from syncd.evidence.rules.values import Critical, Rules
from syncd.evidence.spans import Span, Spans, common
from syncd.simulator.account import Level
from syncd.store.evidence import results
from tests.evidence.collecting.rig import SLUG, Rig

from .sealed import contents

RULES = Rules(critical=Critical(names=("*",)), with_case=False)


def asked(rig: Rig, back: timedelta = timedelta(days=30), **changes: Any) -> Question:  # noqa: ANN401
    window = Span(rig.now - back, rig.now)
    return replace(Question(SLUG, "acme", window, RULES, "Ana Auditor", rig.now), **changes)


def maker(rig: Rig) -> Maker:
    return Maker(rig.db, rig.connections.vault, Kept())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_planted_is_in_the_bundle_with_everything_it_was_read_from(rig: Rig, tmp_path: Path) -> None:
    rig.collect()
    kept = maker(rig).make(asked(rig), tmp_path / "acme.zip")
    assert verify(tmp_path / "acme.zip", Trusted(fingerprints=(kept.fingerprint,))).is_good
    found = contents(tmp_path / "acme.zip")
    manifest = rig.sim.manifest
    assert manifest is not None
    wrong = {
        (one["check"], one["subject"])
        for one in json.loads(found["report.json"])["exceptions"]
        if one["state"] == "open"
    }
    # The list of people was not given, and since when something is so nobody has seen yet.
    told = {one.id for one in CATALOGUE} - {"USR-05", "SVC-04", "USR-04"}
    assert {one for one in wrong if one[0] in told} == {
        (check, subject) for check in told for subject in manifest.faults.get(check, ())
    }
    services = list(csv.DictReader(io.StringIO(found["rows/services.csv"].decode())))
    assert len(services) == manifest.counts["services"]
    assert len(found["rows/log_entries.ndjson"].splitlines()) == sum(
        len(one.log) for one in rig.sim.account.incidents.values() if one.merged_into is None
    )
    raw = [json.loads(line) for name, lines in found.items() if name.startswith("raw/") for line in lines.splitlines()]
    read = Counter(unquote(one["request"].removeprefix("GET ")) for one in raw)
    assert set(read) == {unquote(one) for one in rig.asked()}
    gaps = [one for one in json.loads(found["report.json"])["coverage"] if one["gaps"]]
    assert {one["schedule"] for one in gaps} == {one for one, spans in manifest.gaps.items() if spans}
    _policies_are_told(json.loads(found["report.json"])["policies"], rig)


def _policies_are_told(told: list[dict[str, Any]], rig: Rig) -> None:
    """By whom each level calls at PagerDuty, and by the gaps that were planted; PagerDuty's own voice agrees."""
    assert {one["policy"] for one in told} == set(rig.sim.account.policies)
    for one in told:
        levels = rig.sim.account.policies[one["policy"]].levels
        planted = [_nobody(level, rig) for level in levels]
        found = [{(gap["start"], gap["end"]) for gap in level["gaps"]} for level in one["levels"]]
        assert [len(each) for each in found] == [len(each) for each in planted], one
        assert bool(one["gaps"]) == (not levels), one  # Each that has levels has one that calls somebody at all times.
        assert not [level["differences"] for level in one["levels"] if level["differences"]]
    assert sum(bool(level["gaps"]) for one in told for level in one["levels"])


def _nobody(level: Level, rig: Rig) -> Spans:
    manifest, ahead = rig.sim.manifest, RULES.ahead(rig.now)
    assert manifest is not None
    spans: Spans = (ahead,)
    for target in level.targets:
        spans = (
            ()
            if target.kind == "user"
            else common(spans, tuple(Span(*one) for one in manifest.gaps.get(target.id, ())))
        )
    return spans


def _words_of(bundle: Path) -> str:
    """Each piece of text once, since pages say the same of many."""
    whole = b"\n".join(contents(bundle).values()).decode("utf-8", "replace").casefold()
    return "\n".join(set(re.split(r'["\\\\,<>()]', whole)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_is_in_a_bundle_without_names_and_no_address_in_any(rig: Rig, tmp_path: Path) -> None:
    rig.collect()
    make = maker(rig)
    make.make(asked(rig), tmp_path / "plain.zip")
    make.make(asked(rig), tmp_path / "hidden.zip", hides_names=True)
    people = list(rig.sim.account.users.values())
    plain_text, hidden = (_words_of(tmp_path / f"{name}.zip") for name in ("plain", "hidden"))
    assert all(one.name.casefold() in plain_text for one in people)
    assert [one.name for one in people if one.name.casefold() in hidden] == []
    for text in (plain_text, hidden):
        assert [one.email for one in people if one.email.casefold() in text] == []
        numbers = [each.address for one in people for each in one.contacts if len(each.address) > 6]
        assert numbers
        assert [one for one in numbers if one.casefold() in text] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_quarter_that_is_over_is_told_as_it_was_known_at_its_end(rig: Rig) -> None:
    rig.collect()
    end = rig.now
    rig.clock.forward(timedelta(days=3))
    service = next(iter(rig.sim.account.services))
    was = rig.sim.account.services[service].name
    rig.renamed(service, "Renamed since")
    rig.collect()
    past = asked(rig, window=Span(end - timedelta(days=30), end))
    with rig.db.read() as tx:
        then, now = (plain(answer(tx, Kept(), one)[1]) for one in (past, asked(rig)))
    names = [{one["id"]: one["name"] for one in each["critical_services"]}[service] for each in (then, now)]
    assert names == [was, "Renamed since"]
    assert {one["state"] for one in then["datasets"] if one["dataset"] == "services"} == {"on_time"}
    first = maker(rig).make(past, None)
    again = maker(rig).make(past, None)
    assert report_in(first) == report_in(again)


def test_it_is_judged_once_for_all_that_was_collected_together(rig: Rig) -> None:
    """And the strip of the day is there, for each check."""
    after = partial(judge_collected, rig.db, Kept(), RULES)
    due.ask(rig.db, SLUG, (), since=None, by="ana", roster="")
    while collector.work(replace(rig.worker, after=after)):
        pass
    with rig.db.read() as tx:
        told = results.between(tx, SLUG, rig.now - timedelta(days=1), rig.now + timedelta(days=1))
        first = results.first_seen(tx, SLUG)
    assert Counter(one.check for one in told) == Counter(one.id for one in CATALOGUE)
    manifest = rig.sim.manifest
    assert manifest is not None
    assert {subject for check, subject in first if check == "SVC-01"} == set(manifest.faults["SVC-01"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_of_a_time_before_anything_was_collected_incidents_are_judged_and_the_rest_is_unknown(rig: Rig) -> None:
    """They were read later, with their logs; what the account looked like then nobody knows."""
    begun = sorted(one.created_at for one in rig.sim.account.incidents.values())
    window = Span(begun[0], begun[len(begun) // 2])
    rig.collect()
    with rig.db.read() as tx:
        found = plain(answer(tx, Kept(), asked(rig, window=window))[1])
    told = {one["check"]: one for one in found["controls"]}
    assert {check for check, one in told.items() if one["result"] != "unknown"} <= {
        "INC-01",
        "INC-02",
        "INC-03",
        "INC-04",
    }
    assert told["INC-02"]["judged"] > 100
    assert told["SVC-01"]["missing"] == [
        "escalation policies: not collected by then, which stays unknown",
        "services: not collected by then, which stays unknown",
    ]
    assert len(found["times"]["incidents"]) == sum(window.start <= one < window.end for one in begun)
