"""`syncd retention ...`: what is kept is shown, and a legal hold is placed and released by a person with a name."""

from __future__ import annotations

import pytest

from syncd.clock import Clock
from syncd.flow.retention.pruning import prune
from syncd.flow.status.parts import PARTS
from syncd.store import heartbeats
from syncd.store.database import Database
from tests.flow.attic import POLICY, Attic, OldDelivery, OldHook

from .conftest import Syncd


def test_a_new_home_keeps_by_the_defaults(syncd: Syncd) -> None:
    shown = syncd("retention", "show").json
    assert [(one["what"], one["days"], one["oldest"], one["due"]) for one in shown["kept"]] == [
        ("hook_bodies", 30, None, 0),
        ("hooks", 400, None, 0),
        ("deliveries", 400, None, 0),
        ("notices", 400, None, 0),
        ("actions", 400, None, 0),
    ]
    assert (shown["last_run"], shown["pruned"], shown["legal_holds"]) == (None, {}, [])
    table = syncd("retention", "show", "-o", "table")
    assert (table.code, table.err) == (0, "")
    assert "last pruned  never; a worker does it" in table.out
    assert table.out.endswith("No legal hold stands.\n")


def test_what_is_due_and_what_was_pruned(syncd: Syncd, store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    Attic([OldHook(900)] * 2, [], [OldDelivery(900)] * 2).fill(store)
    monkeypatch.setenv("SYNCD_KEEP_DELIVERIES_DAYS", "forever")
    assert [(one["days"], one["due"]) for one in syncd("retention", "show").json["kept"]] == [
        (30, 2),
        (400, 0),
        ("forever", 0),
        ("forever", 0),
        ("forever", 0),
    ]
    prune(store, POLICY, lambda _: False)
    told = syncd("retention", "show", "-o", "table").out
    assert "2 hook bodies pruned in all" in told
    assert "1 deliveries pruned in all" in told


def test_a_hold_is_placed_shown_and_released(syncd: Syncd) -> None:
    placed = syncd("retention", "hold", "--why", "Matter 7", "--by", "Ana").json
    assert (placed["id"], placed["placed_by"], placed["why"], placed["released_at"]) == (1, "Ana", "Matter 7", None)
    assert syncd("retention", "show").json["legal_holds"] == [placed]
    assert syncd("retention", "show", "-o", "table").out.endswith("A legal hold stands: nothing is pruned.\n")
    released = syncd("retention", "release", "--by", "Ben").json
    assert (released["released_by"], released["placed_by"]) == ("Ben", "Ana")
    assert released["released_at"] >= placed["placed_at"]
    again = syncd("retention", "release")
    assert (again.code, again.err) == (4, "syncd: No legal hold stands; see `syncd retention show`.\n")


def test_a_hold_needs_a_reason(syncd: Syncd) -> None:
    assert syncd("retention", "hold").code == 2
    assert "say which matter" in syncd("retention", "hold", "--why", " ").err
    assert syncd("retention", "show").json["legal_holds"] == []


def test_of_several_holds_one_has_to_be_named(syncd: Syncd) -> None:
    for matter in "12":
        syncd("retention", "hold", "--why", f"Matter {matter}")
    assert syncd("retention", "release").code == 2
    assert syncd("retention", "release", "1").json["why"] == "Matter 1"
    assert syncd("retention", "release").json["why"] == "Matter 2"


def test_status_shows_a_hold_and_finds_nothing_wrong_with_it(syncd: Syncd, store: Database) -> None:
    with store.write() as tx:
        for part in PARTS:
            heartbeats.beat(tx, part, "host:1", Clock().now())
    syncd("retention", "hold", "--why", "Matter 7\x1b[2J", "--by", "Ana")
    seen = syncd("status", "-o", "table")
    (line,) = [one for one in seen.out.splitlines() if one.startswith("legal hold 1 ")]
    assert (seen.code, line.endswith("UTC, by Ana: Matter 7 [2J")) == (0, True)
    assert [(one["id"], one["by"]) for one in syncd("status").json["legal_holds"]] == [(1, "Ana")]
