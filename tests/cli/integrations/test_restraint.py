"""`syncd integrations pause`, `resume` and `observe`, here and on a daemon elsewhere, and where they are seen."""

from __future__ import annotations

import pytest

from syncd.core.changes import Side
from syncd.core.reasons import Outcome, Reason
from syncd.store import deliveries, holds
from syncd.store.database import Database
from syncd.store.deliveries import Delivery
from tests.cli.conftest import Syncd
from tests.store.ledger import NOON, a_link, an_account, an_errand

PAUSED = (
    "Integration pagerduty is paused: on neither side anything is written for its links. Hooks are still taken, and what "
    "changes is kept, in its order, until `syncd integrations resume pagerduty` (1 change so far)."
)


@pytest.fixture
def account(store: Database) -> str:
    """With one change that waits to go there."""
    with store.write() as tx:
        an_account(tx, "pagerduty")
        an_account(tx, "desk", Side.CASE)
        an_errand(tx, a_link(tx))
    return "pagerduty"


def _pause(syncd: Syncd, name: str, *more: str) -> tuple[int, str]:
    ended = syncd("integrations", "pause", name, "--why", "a move", "--by", "Ana", *more)
    assert ended.err == ""
    return ended.code, ended.out


def test_an_account_is_paused_and_resumed_and_the_list_says_who_and_why(syncd: Syncd, account: str) -> None:
    code, said = _pause(syncd, account)
    assert code == 0
    assert said == f"{PAUSED}\n"
    rows = {row["name"]: row for row in syncd("integrations", "list").json}
    assert (rows[account]["paused_by"], rows[account]["pause_reason"]) == ("Ana", "a move")
    assert rows[account]["paused_at"] is not None
    assert rows["desk"]["paused_at"] is None
    resumed = syncd("integrations", "resume", account, "--by", "Ana", "-o", "json").json
    assert (resumed["changed"], resumed["paused_at"], resumed["pause_reason"]) == (True, None, "")


def test_whoever_was_first_stands_and_the_second_is_told_so(syncd: Syncd, account: str) -> None:
    _pause(syncd, account)
    before = syncd("integrations", "list").json
    again = syncd("integrations", "pause", account, "--why", "no idea", "--by", "Ben")
    assert (again.code, again.err) == (0, "")
    assert again.out.startswith("Integration pagerduty is paused already since 20")
    assert again.out.endswith(" UTC, by Ana, and nothing was changed: a move\n")
    assert syncd("integrations", "list").json == before


@pytest.mark.parametrize(
    ("words", "once", "twice"),
    [
        (
            ("resume",),
            "pagerduty goes on: what was kept goes out in its order (1 change).",
            "pagerduty was not paused, and nothing was changed.",
        ),
        (
            ("observe",),
            "pagerduty is only observed, and still paused:",
            "pagerduty is only observed already, by Ben, and nothing",
        ),
        (
            ("observe", "--off"),
            "pagerduty is no longer only observed, and still paused:",
            "pagerduty was not only observed, and nothing",
        ),
    ],
)
def test_who_says_it_twice_is_told_that_it_was_so_already(
    syncd: Syncd, account: str, words: tuple[str, ...], once: str, twice: str
) -> None:
    _pause(syncd, account)
    if words[1:]:
        syncd("integrations", "observe", account)
    said = [syncd("integrations", words[0], account, *words[1:], "--by", "Ben").out for _ in range(2)]
    assert said[0].startswith(f"Integration {once}")
    assert said[1].startswith(f"Integration {twice}")


def test_who_only_observes_a_paused_account_is_told_what_is_kept_and_that_nothing_is_written(
    syncd: Syncd, account: str
) -> None:
    _pause(syncd, account)
    observed = syncd("integrations", "observe", account).out
    assert "on neither side of its links anything is written" in observed
    assert (
        "What was asked for before (1 change) is kept until `syncd integrations observe pagerduty --off`." in observed
    )
    resumed = syncd("integrations", "resume", account).out
    assert resumed.startswith("Integration pagerduty is no longer paused (1 change kept), and still only observed: ")
    assert "stays kept until `syncd integrations observe pagerduty --off`" in resumed


def test_who_only_observes_an_account_is_told_what_was_asked_for_before(syncd: Syncd, account: str) -> None:
    observed = syncd("integrations", "observe", account, "-o", "json").json
    assert observed["kept"] == 1
    assert "for the other side of its links nothing changes. What was asked for before (1 change) is kept" in str(
        observed["says"]
    )
    assert "kept" not in syncd("integrations", "observe", "desk").out, "nothing waits to go there"


def test_whoever_has_it_written_to_again_is_told_what_goes_out(syncd: Syncd, store: Database, account: str) -> None:
    syncd("integrations", "observe", account)
    with store.write() as tx:
        assert len(holds.hold_account(tx, account, Side.INCIDENT, Reason.ASKED_BEFORE)) == 1
    written = syncd("integrations", "observe", account, "--off").out
    assert written == (
        "Integration pagerduty is written to again; what was asked for before that goes out in its order (1 change).\n"
    )
    assert syncd("status").json["errands"]["waiting"] == 1


def test_a_pause_without_a_reason_is_refused(syncd: Syncd, account: str) -> None:
    assert syncd("integrations", "pause", account).code == 2
    refused = syncd("integrations", "pause", account, "--why", " ")
    assert (refused.code, "why" in refused.err) == (2, True)


def test_status_has_a_line_for_each_and_a_finding_for_what_is_held(syncd: Syncd, account: str) -> None:
    _pause(syncd, account)
    syncd("integrations", "observe", "desk", "--by", "Ben")
    shown = syncd("status", "-o", "table").out
    (paused,) = [line for line in shown.splitlines() if line.startswith("pagerduty ")]
    assert "paused since 20" in paused
    assert paused.endswith("UTC, by Ana: a move (1 change held)")
    (observed,) = [line for line in shown.splitlines() if line.startswith("desk ")]
    assert observed.endswith("UTC, by Ben: nothing is written there")
    assert "! 1 change is held because pagerduty is paused." in shown
    told = syncd("status").json
    assert [(one["name"], one["by"], one["why"], one["held"]) for one in told["paused"]] == [
        ("pagerduty", "Ana", "a move", 1)
    ]
    assert [(one["name"], one["by"]) for one in told["observed"]] == [("desk", "Ben")]


def test_what_would_have_been_written_stands_in_the_table_of_deliveries(syncd: Syncd, store: Database) -> None:
    would = "Only observed. It would set the priority to P1."
    row = Delivery(
        recorded_at=NOON,
        direction="inbound",
        change="priority",
        outcome=Outcome.IGNORED,
        reason=Reason.OBSERVING,
        detail=would,
    )
    with store.write() as tx:
        deliveries.record_many(tx, [row])
    table = syncd("deliveries", "list", "--outcome", "ignored", "-o", "table").out.splitlines()
    assert table[0].endswith("DETAIL")
    assert table[1].endswith(would)


@pytest.mark.parametrize("act", ["resume", "observe"])
def test_an_account_elsewhere_is_asked_for_there(syncd: Syncd, elsewhere: str, act: str) -> None:
    missing = syncd("integrations", act, "nobody", "--server", elsewhere)
    sentence = "There is no integration called nobody; `syncd integrations list` shows those there are."
    assert (missing.code, missing.err) == (4, f"syncd: {sentence}\n")
