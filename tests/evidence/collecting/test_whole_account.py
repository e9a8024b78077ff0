"""The made account, collected: everything is there, and every check finds what was planted and nothing else."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.clock import StoppedClock
from syncd.evidence.collecting.catalogue import Wants
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Name
from syncd.evidence.findings.judging import findings
from syncd.evidence.rules.values import Critical, Rules
from syncd.evidence.spans import Span
from syncd.evidence.times import times
from syncd.simulator import Manifest, Simulator, Sizes
from syncd.store.database import Database
from syncd.store.evidence import seen
from tests.evidence.collecting.rig import SLUG, Rig
from tests.simulator.estate import NOW, made


def _listed(manifest: Manifest, folder: Path) -> Wants:
    """The organisation's people, as somebody has exported them."""
    file = folder / "people.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        lines = csv.writer(opened, delimiter=";")
        lines.writerow(["Name", "E-Mail"])
        lines.writerows([["Somebody", f" {address.upper()} "] for address in manifest.roster])
    return Wants(roster=str(file))


def _watched_before(rig: Rig, manifest: Manifest) -> None:
    """Since when something is away or invited only earlier collectings tell."""
    services = {one.id: one for one in rig.sim.account.services.values()}
    with rig.db.write() as tx:
        seen.note(tx, SLUG, dict.fromkeys(manifest.since, "usual"), manifest.made_at - timedelta(days=400))
        for record, at in manifest.since.items():
            state = services[record].state if record in services else "invited"
            seen.note(tx, SLUG, {record: state}, at)


def _judged(facts: Facts) -> dict[str, set[str]]:
    rules = Rules(critical=Critical(ids=(facts.services.rows[0].id,)), with_case=False)
    found = findings(facts, rules, NOW)
    assert [one.check for one in found if one.unread or one.missing] == []
    return {one.check: {remark.subject for remark in one.wrong} for one in found if one.wrong}


def _is_whole(facts: Facts, sim: Simulator) -> None:
    manifest, account = sim.manifest, sim.account
    assert manifest is not None
    counts = manifest.counts
    assert len(facts.services.rows) == counts["services"]
    assert len(facts.users.rows) == counts["users"]
    assert len(facts.teams.rows) == counts["teams"]
    assert len(facts.policies.rows) == counts["escalation_policies"]
    assert len(facts.schedules.rows) == counts["schedules"] + counts["shift_schedules"]
    assert len(facts.incidents.rows) == counts["incidents"]
    assert {one.id for one in facts.open_incidents.rows} == {
        one.id for one in account.incidents.values() if one.is_open
    }
    logs = {one.id: len(one.log) for one in facts.incidents.rows if one.log is not None}
    assert logs == {one.id: len(one.log) for one in account.incidents.values() if one.merged_into is None}
    assert {one.id: len(one.members or ()) for one in facts.teams.rows} == {
        one.id: len(one.members) for one in account.teams.values()
    }
    assert {one.id: one.integrations for one in facts.services.rows} == {
        one.id: len(one.integrations) for one in account.services.values()
    }


def _is_as_planted(facts: Facts, manifest: Manifest) -> None:
    assert _judged(facts) == {check: set(ids) for check, ids in manifest.faults.items() if ids}
    window = Span(manifest.made_at, manifest.seen_until)
    gaps = {one.id: [span.cut(window) for span in one.coverage.uncovered] for one in facts.coverage.rows}
    found = {one: [(span.start, span.end) for span in spans if not span.is_empty] for one, spans in gaps.items()}
    assert {one: spans for one, spans in found.items() if spans} == {
        one: spans for one, spans in manifest.gaps.items() if spans
    }
    for incident in facts.incidents.rows:
        told = manifest.times[incident.id]
        measured = times(incident, Rules(), NOW)
        if told.is_merged:
            assert incident.is_merged
            continue
        seconds = [
            None if one is None else int(one.total_seconds()) for one in (measured.acknowledged, measured.resolved)
        ]
        assert seconds == [told.acknowledged_s, told.resolved_s], incident.number
        assert measured.reopened == told.reopened


def _collected(rig: Rig, folder: Path) -> Facts:
    manifest = rig.sim.manifest
    assert manifest is not None
    rig.wants = replace(_listed(manifest, folder), strategy=rig.wants.strategy)
    _watched_before(rig, manifest)
    rig.collect()
    assert rig.under_way() == []
    facts = rig.facts()
    _is_whole(facts, rig.sim)
    _is_as_planted(facts, manifest)
    return facts


@pytest.mark.parametrize("strategy", ["incident", "account", "auto"])
def test_everything_is_collected_and_what_was_planted_is_found(rig: Rig, tmp_path: Path, strategy: str) -> None:
    rig.wants = Wants(strategy=strategy)
    _collected(rig, tmp_path)
    assert rig.last(Name.INCIDENTS).settings["logs"] == ("incident" if strategy == "incident" else "account")
    assert set(rig.told) == {SLUG}


def test_nothing_is_written_there(rig: Rig) -> None:
    before = rig.sim.world.revision
    rig.collect()
    assert {one.method for one in rig.sim.journal.requests} == {"GET"}
    assert rig.sim.world.revision == before


#: The smallest number of requests that could answer: a page for each hundred records, one for each that is shown alone, and of each
#: list that may be empty the one that says so. docs/evidence.md counts them.
def _least(sim: Simulator, oncalls: int, audited: int) -> int:
    def pages(number: int) -> int:
        return max(1, -(-number // 100))

    account = sim.account
    begun = len(account.incidents)
    entries = sum(len(one.log) for one in account.incidents.values() if NOW - one.created_at <= timedelta(days=30))
    lists = [len(account.services), len(account.policies), len(account.users), len(account.teams)]
    lists += [
        len(account.users),
        oncalls,
        audited,
        begun,
        sum(one.is_open for one in account.incidents.values()),
        entries,
    ]
    alone = len(account.teams) + 2 * len(account.schedules) + 3 * len(account.shift_schedules)
    return sum(map(pages, lists)) + alone + 2 + 2  # both lists of schedules; abilities and licences


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_large_account_takes_hardly_more_requests_than_it_has_to(database_url: str, tmp_path: Path) -> None:
    """847 services, 12,500 incidents of a day, 300 users, 60 schedules."""
    with made(Sizes()) as sim:
        clock = sim.world.clock
        assert isinstance(clock, StoppedClock)
        db = Database(database_url, clock)
        rig = Rig(db, sim, clock, is_seen=True)
        facts = _collected(rig, tmp_path)
        requests = len(rig.asked())
        least = _least(sim, len(facts.oncalls.rows), len(facts.audit.rows))
        told = sum(
            rig.last(name).requests for name in Name if name not in {Name.COVERAGE, Name.OPEN_INCIDENTS, Name.CASES}
        )
        db.close()
    assert told == requests + 1  # the list of people, which is a file
    assert requests <= 1.2 * least
