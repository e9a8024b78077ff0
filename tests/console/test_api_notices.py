"""/v1/notices and /v1/channels: page by page, what is wrong now alone, and who may ask."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from syncd.console.parts import Parts
from syncd.store import notices
from syncd.systems.channels.port import Channel
from syncd.systems.channels.unusable import Unusable
from syncd.systems.channels.web import Chat
from tests.parts.loopback import LOOPBACK

CHANNELS: dict[str, Channel] = {"slack": Chat("http://chat.test/services/verysecretpart", LOOPBACK)}


@pytest.fixture
def parts(parts: Parts) -> Parts:
    return replace(parts, channels=lambda: CHANNELS)


@pytest.fixture
def noticed(parts: Parts) -> list[int]:
    with parts.database.write() as tx:
        now = parts.database.now(tx)
        made = [notices.raise_(tx, "link.stuck", f"account {n}", "It waits.", "Look.", now) for n in range(5)]
        notices.clear(tx, made[0], now)
    return made


def test_they_come_page_by_page_newest_first(api: httpx.Client, noticed: list[int]) -> None:
    first = api.get("/v1/notices", params={"limit": 3}).json()["notices"]
    rest = api.get("/v1/notices", params={"limit": 3, "before": first[-1]["id"]}).json()["notices"]
    assert [one["id"] for one in first + rest] == noticed[::-1]
    assert (rest[-1]["cause"], rest[-1]["cleared_at"] is None) == ("account 0", False)


def test_only_what_is_wrong_now(api: httpx.Client, noticed: list[int]) -> None:
    found = api.get("/v1/notices", params={"is_standing": "true"}).json()["notices"]
    assert [one["id"] for one in found] == noticed[:0:-1]


def test_channels_are_told_without_what_is_secret_of_them(api: httpx.Client, parts: Parts, noticed: list[int]) -> None:
    fresh = {"channel": "slack", "where": "http://chat.test", "last_at": None, "last": "", "detail": ""}
    assert api.get("/v1/channels").json() == {"channels": [fresh]}
    with parts.database.write() as tx:
        now = parts.database.now(tx)
        notices.queue(tx, noticed[1], ["slack"], notices.OPENED, now)
        taken = notices.take(tx, ["slack"], now, now)
        assert taken is not None
        notices.end(tx, taken, notices.RETRYING, "It answered 500.", now, now)
    (told,) = api.get("/v1/channels").json()["channels"]
    assert (told["last"], told["detail"], told["last_at"] is None) == ("retrying", "It answered 500.", False)


def test_a_channel_that_cannot_be_used_says_why_and_is_a_finding(api: httpx.Client) -> None:
    CHANNELS["mail"] = Unusable("mail", "Its address is none.")
    try:
        told = {one["channel"]: one for one in api.get("/v1/channels").json()["channels"]}
        found = [one["what"] for one in api.get("/v1/status").json()["findings"]]
    finally:
        del CHANNELS["mail"]
    assert (told["mail"]["last"], told["mail"]["detail"]) == ("unusable", "Its address is none.")
    assert "Channel mail cannot be used: Its address is none." in found


def test_a_parameter_that_is_none_is_refused(api: httpx.Client) -> None:
    assert api.get("/v1/channels", params={"limit": 3}).status_code == 422
    assert api.get("/v1/notices", params={"before": 0}).status_code == 422
