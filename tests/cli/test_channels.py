"""`syncd channels ...`: a trial message arrives, what is not set is named, and no secret is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from syncd.configuration import load
from tests.parts import postbox
from workers.hand import Hand
from workers.run import _refuse_what_is_not_ours

from .conftest import Syncd


def test_a_trial_arrives_and_the_list_shows_where_without_the_secret(
    syncd: Syncd, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postbox.web() as box:
        monkeypatch.setenv("SYNCD_NOTIFY_SLACK_URL", f"{box.url}/services/verysecretpart")
        told = syncd("channels", "test", "slack")
        listed = syncd("channels", "list")
    assert (told.code, told.err) == (0, "")
    assert "This is a trial" in json.loads(box.posted[0].body)["text"]
    assert [(one["channel"], one["where"], one["last"]) for one in listed.json] == [("slack", box.url, "")]
    assert "verysecretpart" not in told.out + listed.out


def test_a_channel_that_is_not_set_is_named(syncd: Syncd) -> None:
    ended = syncd("channels", "test", "mail")
    assert ended.code == 4
    assert "There is no channel mail; set are: none." in ended.err
    assert syncd("channels", "notices").json == []


HALF_RIGHT = "smtp://mailer:Gq7/kk@127.0.0.1:2525"


@pytest.fixture
def half_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_NOTIFY_SMTP_URL", HALF_RIGHT)
    monkeypatch.setenv("SYNCD_NOTIFY_MAIL_FROM", "a@example.com")
    monkeypatch.setenv("SYNCD_NOTIFY_MAIL_TO", "b@example.com")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("config", "check"), 2),
        (("status",), 1),
        (("doctor",), 1),
        (("channels", "list"), 0),
        (("channels", "test", "mail"), 2),
        (("cases", "list"), 0),
    ],
)
def test_one_that_cannot_be_made_is_told_wherever_somebody_asks_and_stops_nothing_else(
    syncd: Syncd, half_right: None, command: tuple[str, ...], code: int
) -> None:
    ended = syncd(*command)
    assert ended.code == code
    told = ended.out + ended.err
    assert ("Mail needs SYNCD_NOTIFY_SMTP_URL like smtp://user:password@host:587" in told) is (command[0] != "cases")
    assert "Gq7" not in told
    assert "Traceback" not in told


def test_a_worker_says_so_and_works(syncd: Syncd, half_right: None, home: Path) -> None:
    with capture_logs() as said:
        _refuse_what_is_not_ours(load())
    assert [(one["event"], one["channel"]) for one in said if one["log_level"] == "error"] == [
        ("channel.unusable", "mail")
    ]
    assert "Gq7" not in str(said)
    hand = Hand(load())
    hand.close()


def test_channels_that_can_be_made_are_in_order(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_NOTIFY_SLACK_URL", "https://hooks.example.com/services/verysecretpart")
    checked, looked = syncd("config", "check"), syncd("doctor", "-o", "json")
    assert checked.code == 0
    assert "slack     ok      Notices go to https://hooks.example.com." in checked.out
    (line,) = [one for one in looked.json if one["check"] == "channel"]
    assert (line["mark"], line["finding"]) == ("ok", "slack: notices go to https://hooks.example.com.")
