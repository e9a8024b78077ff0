"""`syncd channels ...`: a trial message arrives, what is not set is named, and no secret is shown."""

from __future__ import annotations

import json

import pytest

from tests.parts import postbox

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
