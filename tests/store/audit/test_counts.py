"""Counts by field, over time, and how long it took: of a week, unless the query names its own time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.core.query.reading import read
from syncd.store import deliveries
from syncd.store.audit import counts
from syncd.store.audit.counts import Count
from syncd.store.database import Database

from .rows import NOW, ROWS, fill


@pytest.fixture
def filled(db: Database) -> Database:
    fill(db)
    return db


def test_values_are_counted_the_commonest_first(filled: Database) -> None:
    with filled.read() as tx:
        found = counts.facets(tx, read("age<99d"), NOW, ["integration", "http", "actor"])
        week = counts.facets(tx, read(""), NOW, ["outcome"])
        scoped = counts.facets(tx, read("age<99d"), NOW, ["integration"], within=["other"])
    assert (found.counted, found.is_capped) == (6, False)
    assert found.by["integration"] == [Count("pagerduty", 3), Count("other", 2), Count("", 1)]
    assert found.by["http"] == [Count("", 2), Count("200", 1), Count("404", 1), Count("429", 1), Count("503", 1)]
    assert found.by["actor"] == [Count("Ana Lima", 4), Count("", 1), Count("\u00c5sa", 1)]
    assert (week.counted, {one.value for one in week.by["outcome"]}) == (
        4,
        {"failed", "retrying", "suppressed", "rejected"},
    )
    assert scoped.by == {"integration": [Count("other", 2)]}


def test_only_the_newest_are_counted_and_that_is_told(filled: Database) -> None:
    with filled.read() as tx:
        found = counts.facets(tx, read("age<99d"), NOW, ["outcome"], most=2)
    assert (found.counted, found.is_capped) == (2, True)
    assert found.by["outcome"] == [Count("rejected", 1), Count("suppressed", 1)]


def test_the_commonest_of_many_values(db: Database) -> None:
    rows = [replace(ROWS[5], actor=f"A{number:02}") for number in range(30)]
    with db.write() as tx:
        deliveries.record_many(tx, [*rows, *rows[15:]])
        found = counts.facets(tx, read(""), NOW, ["actor"]).by["actor"]
    assert found == [Count(f"A{number}", 2) for number in range(15, 30)] + [Count(f"A0{one}", 1) for one in range(5)]


def test_counts_over_time_have_a_bar_for_every_step(filled: Database) -> None:
    with filled.read() as tx:
        day = counts.histogram(tx, read("age<24h -reason:echo"), NOW)
        every = counts.histogram(tx, read("id>0"), NOW)
        nothing = counts.histogram(tx, read("case:nothing id>0"), NOW)
        scoped = counts.histogram(tx, read(""), NOW, within=["other"])
    assert (day.start, day.end, day.step_s) == (NOW - timedelta(hours=24), NOW, 1800)
    assert len(day.bars) == 49
    assert {bar.at: dict(bar.outcomes) for bar in day.bars if bar.outcomes} == {
        NOW - timedelta(hours=20): {"retrying": 1},
        NOW - timedelta(minutes=30): {"rejected": 1},
    }
    assert every.start == NOW - timedelta(days=40)
    assert sum(sum(bar.outcomes.values()) for bar in every.bars) == 6
    assert [bar.outcomes for bar in nothing.bars] == [{}]
    assert sum(sum(bar.outcomes.values()) for bar in scoped.bars) == 2


def test_a_time_in_the_past_has_its_own_bars(filled: Database) -> None:
    with filled.read() as tx:
        found = counts.histogram(tx, read("at:2026-11-19"), NOW)
    assert (found.step_s, found.start.isoformat()) == (1800, "2026-11-19T00:00:00+00:00")
    assert [bar.outcomes for bar in found.bars if bar.outcomes] == [{"failed": 1}]


def test_how_long_it_took(filled: Database) -> None:
    with filled.read() as tx:
        found = counts.lag(tx, read("age<99d"), NOW)
        nothing = counts.lag(tx, read("outcome:rejected"), NOW)
        scoped = counts.lag(tx, read(""), NOW, within=["pagerduty"])
    assert (found.counted, found.ms) == (4, {50: 2000, 95: 60_000, 99: 60_000})
    assert (nothing.counted, nothing.ms) == (0, {})
    assert (scoped.counted, scoped.ms) == (1, {50: 60_000, 95: 60_000, 99: 60_000})


def test_of_a_hundred(db: Database) -> None:
    with db.write() as tx:
        deliveries.record_many(tx, [replace(ROWS[5], e2e_ms=number) for number in range(1, 101)])
        assert counts.lag(tx, read(""), NOW).ms == {50: 50, 95: 95, 99: 99}
