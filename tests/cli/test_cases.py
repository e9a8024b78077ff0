"""`syncd cases ...` on the local database and on a daemon elsewhere: the same answers, words and exit codes."""

from __future__ import annotations

import io
import re

import pytest

from syncd.connections.joining.builtin import ensure_builtin
from syncd.store import connectors
from syncd.store.cases import Cases
from syncd.store.connectors import Connector
from syncd.store.database import Database
from tests.store.payments import add_payments

from .conftest import Ended, Syncd


def test_a_case_from_opening_to_its_end(syncd: Syncd, store: Database) -> None:
    add_payments(store)
    opened = syncd(
        "cases", "open", "Checkout is slow", "--priority", "P2", "--connector", "payments", "--by", "Ana Lima"
    )
    assert (opened.code, opened.err) == (0, "CS-1 is open.\n")
    (case,) = opened.json
    assert (case["key"], case["status"], case["priority"], case["connector"]) == ("CS-1", "open", "P2", "payments")
    for words, shows in (
        (("acknowledge", "CS-1"), {"status": "acknowledged"}),
        (("priority", "CS-1", "P1"), {"priority": "P1"}),
        (("comment", "CS-1", "Looking."), {"text": "Looking.", "author": "Ben Osei"}),
        (("resolution-note", "CS-1", "Restarted."), {"resolution_note": "Restarted."}),
        (("resolve", "CS-1", "--note", "Rolled back."), {"status": "resolved", "resolution_note": "Rolled back."}),
        (("reopen", "CS-1"), {"status": "open"}),
        (("close", "CS-1"), {"status": "closed"}),
    ):
        done = syncd("cases", *words, "--by", "Ben Osei")
        assert (done.code, done.err) == (0, "")
        assert {name: done.json[0][name] for name in shows} == shows
    case = syncd("cases", "show", "CS-1").json
    assert [line["kind"] for line in case["timeline"]] == [
        "open",
        "acknowledge",
        "priority",
        "comment",
        "resolution_note",
        "resolve",
        "reopen",
        "close",
    ]
    assert {line["via"] for line in case["timeline"]} == {"cli"}


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_case_that_no_connector_takes_says_so(request: pytest.FixtureRequest, syncd: Syncd, where: str) -> None:
    if where == "elsewhere":
        request.getfixturevalue("monkeypatch").setenv("SYNCD_SERVER", request.getfixturevalue("elsewhere"))
    opened = syncd("cases", "open", "Checkout is slow")
    assert (opened.code, opened.json[0]["connector"]) == (0, "")
    said = opened.err.splitlines()
    assert said[0] == "CS-1 is open."
    assert said[1].startswith("No connector takes it, so no incident is opened: ")
    assert "`syncd connectors add`" in said[1]


def test_a_case_that_the_only_connector_takes_shows_it(syncd: Syncd, store: Database) -> None:
    add_payments(store)
    opened = syncd("cases", "open", "Checkout is slow", "--idempotency-key", "k")
    assert (opened.err, opened.json[0]["connector"]) == ("CS-1 is open.\n", "payments")
    assert syncd("cases", "show", "CS-1").json["connector"] == "payments"
    again = syncd("cases", "open", "Checkout is slow", "--idempotency-key", "k")
    assert (again.code, again.json) == (0, opened.json)


def test_of_two_connectors_none_is_the_default_one(syncd: Syncd, store: Database) -> None:
    add_payments(store)
    with store.write() as tx:
        other = Connector("checkout", "acme", "cases", "bidirectional", "PSERVICE", "Payments", [], {})
        connectors.add(tx, other, store.now(tx))
    opened = syncd("cases", "open", "Checkout is slow")
    assert opened.json[0]["connector"] == ""
    assert "No connector takes it" in opened.err


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_an_idempotency_key_that_is_none_is_refused(syncd: Syncd, key: str) -> None:
    refused = syncd("cases", "open", "Checkout is slow", "--idempotency-key", key)
    assert (refused.code, refused.out) == (2, "")
    assert "1 to 255 characters" in refused.err
    assert syncd("cases", "list").json == []


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_priority_may_be_written_small(request: pytest.FixtureRequest, syncd: Syncd, where: str) -> None:
    if where == "elsewhere":
        request.getfixturevalue("monkeypatch").setenv("SYNCD_SERVER", request.getfixturevalue("elsewhere"))
    syncd("cases", "open", "Checkout is slow", "--priority", "p2")
    assert [case["priority"] for case in syncd("cases", "list", "--priority", "p2").json] == ["P2"]
    assert syncd("cases", "priority", "CS-1", "p1").json[0]["priority"] == "P1"


def address(syncd: Syncd) -> str:
    (case,) = syncd("cases", "open", "Checkout is slow").json
    return str(case["url"]).rpartition("/cases/")[0]


def test_a_case_has_the_address_that_the_daemon_has_written_down(
    syncd: Syncd, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert address(syncd) == "http://127.0.0.1:8082", "as the settings have it, while no daemon has ever run"
    ensure_builtin(store, "http://127.0.0.1:8099")
    assert address(syncd) == "http://127.0.0.1:8099"
    # The public address may be that of the hooks, on a port that only the daemon was told.
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "http://127.0.0.1:8098")
    assert address(syncd) == "http://127.0.0.1:8099"
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test")
    assert address(syncd) == "https://syncd.test"


def test_an_act_that_changes_nothing_says_so(syncd: Syncd) -> None:
    syncd("cases", "open", "Checkout is slow")
    syncd("cases", "close", "CS-1")
    again = syncd("cases", "close", "CS-1")
    assert (again.code, again.err, again.json[0]["changed"]) == (0, "CS-1 was so already.\n", False)


def test_an_idempotency_key_opens_one_case(syncd: Syncd) -> None:
    syncd("cases", "open", "Checkout is slow", "--idempotency-key", "k")
    again = syncd("cases", "open", "Checkout is slow", "--idempotency-key", "k")
    assert (again.code, again.err) == (0, "CS-1 was opened by this key before.\n")
    other = syncd("cases", "open", "Another", "--idempotency-key", "k")
    assert (other.code, other.out) == (2, "")
    assert "CS-1 with other words" in other.err


def test_words_may_come_from_standard_input(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    syncd("cases", "open", "Checkout is slow")
    monkeypatch.setattr("sys.stdin", io.StringIO("first line\nsecond line\n"))
    assert syncd("cases", "comment", "CS-1", "-").json[0]["text"] == "first line\nsecond line"


def test_a_list_by_filter_and_page(syncd: Syncd) -> None:
    for number in range(3):
        syncd("cases", "open", f"Case {number}", "--priority", "P1" if number else "P2")
    assert [case["key"] for case in syncd("cases", "list").json] == ["CS-3", "CS-2", "CS-1"]
    assert [case["key"] for case in syncd("cases", "list", "--limit", "1", "--before", "CS-3").json] == ["CS-2"]
    assert [case["key"] for case in syncd("cases", "list", "--priority", "P2").json] == ["CS-1"]
    assert syncd("cases", "list", "--status", "closed").json == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("cases", "show", "CS-9"), 4, "syncd: There is no case CS-9; see `syncd cases list`."),
        (("cases", "close", "nonsense"), 4, "'nonsense' is not the key of a case"),
        (("cases", "priority", "CS-1", "P8"), 2, "priority: use P1, P2, P3, P4 or P5."),
        (("cases", "open", " "), 2, "title: must not be empty"),
        (("cases", "comment", "CS-1", " "), 2, "text: "),
        (("cases", "list", "--status", "sleeping"), 2, "status: use open, acknowledged, resolved or closed."),
        (("links", "list", "--state", "foo"), 2, "not valid: state: use opening, open, failed or ended.\n"),
        (("cases", "acknowledge", "CS-1"), 2, "CS-1 is closed and cannot become acknowledged; reopen it first."),
        (("cases", "list", "-o", "xml"), 2, "-o xml is no form of output; it is table, json, ndjson or csv."),
        (("cases", "list", "--limit", "0"), 2, "--limit"),
        (("cases", "acknowledge"), 2, "Missing argument"),
        (("case", "list"), 2, "Did you mean 'cases'?"),
    ],
)
@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_a_failure_is_one_sentence_and_an_exit_code(
    request: pytest.FixtureRequest, syncd: Syncd, where: str, words: tuple[str, ...], code: int, said: str
) -> None:
    if where == "elsewhere":
        request.getfixturevalue("monkeypatch").setenv("SYNCD_SERVER", request.getfixturevalue("elsewhere"))
    syncd("cases", "open", "Checkout is slow")
    syncd("cases", "close", "CS-1")
    ended = syncd(*words)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err
    assert "Traceback" not in ended.err


def play(syncd: Syncd, *where: str) -> list[Ended]:
    return [
        syncd("cases", *words, *where)
        for words in (
            ("open", "Checkout is slow", "--body", "p95", "--by", "Ana", "--idempotency-key", "k"),
            ("open", "Checkout is slow", "--body", "p95", "--by", "Ana", "--idempotency-key", "k"),
            ("acknowledge", "CS-1", "--by", "Ana"),
            ("acknowledge", "CS-1", "--by", "Ana"),
            ("comment", "CS-1", "Looking.", "--by", "Ana", "-o", "ndjson"),
            ("resolve", "CS-1", "--note", "Done.", "--by", "Ana", "-o", "csv"),
            ("show", "CS-1"),
            ("show", "CS-1", "-o", "table"),
            ("list", "--status", "resolved", "-o", "table"),
        )
    ]


def test_a_daemon_elsewhere_gives_the_same_answers(syncd: Syncd, elsewhere: str) -> None:
    here, there = play(syncd), play(syncd, "--server", elsewhere)
    assert [blurred(one) for one in here] == [blurred(one) for one in there]


def blurred(one: Ended) -> tuple[int, str, str]:
    text = re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.]+(?:\+00:00)?", "(time)", one.out)
    return one.code, re.sub(r'"via": "\w+"|\b(cli|api)\b', "(via)", text), one.err


def test_only_the_one_meant_is_touched(syncd: Syncd, elsewhere: str, store: Database) -> None:
    syncd("cases", "open", "Checkout is slow", "--server", elsewhere)
    assert Cases(store).listing({}) == ()
    assert len(syncd("cases", "list", "--server", elsewhere).json) == 1
