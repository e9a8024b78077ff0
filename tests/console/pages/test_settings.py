"""Who gets in, on a page: people and tokens, which are shown once; and where notices go, with what is wrong now."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx
import pytest

from syncd.console.parts import Parts
from syncd.core.permissions import Role
from syncd.errors import Unauthorised
from syncd.flow import accounts
from syncd.flow.notices import noticing, telling
from syncd.store.cases import Cases
from syncd.systems.channels.port import Channel
from syncd.systems.channels.unusable import Unusable
from syncd.systems.channels.web import Webhook
from tests.console.conftest import TOKEN, Door
from tests.flow.status.told import REFUSED_KEY
from tests.flow.world import PAGERDUTY, World
from tests.parts import postbox
from tests.parts.loopback import LOOPBACK
from tests.systems.channels.test_channels import SECRET

from .operated import Operated, plain

ON = "/settings"
PASSWORD = "correct horse battery"


def test_somebody_is_added_and_signs_in_until_disabled(operated: Operated) -> None:
    assert "Nobody yet" in operated.words(ON)
    added = operated.press(ON, f"{ON}/add-user", name="Dana Ruiz", role="operator", password=PASSWORD)
    assert added.status_code == 303
    assert "Dana Ruiz operator" in operated.words(ON)
    assert "by Ops may sign in" in operated.words(ON)
    operated.press(ON, f"{ON}/disable-user", name="Dana Ruiz")
    assert "disabled" in operated.words(ON)
    refused = operated.client.post("/login", data={"name": "Dana Ruiz", "token": PASSWORD})
    assert refused.status_code == 401


def test_a_token_is_shown_once_and_opens_until_it_is_revoked(operated: Operated) -> None:
    issued = operated.press(ON, f"{ON}/issue-token", name="reports", role="viewer", integrations="pagerduty", days="30")
    shown = re.search(r"<code>(syncd_pat_[^<]+)</code>", issued.text)
    assert shown is not None
    bearer = {"Authorization": f"Bearer {html.unescape(shown[1])}"}
    assert operated.client.get("/v1/links", headers=bearer).status_code == 200
    page = operated.see(ON)
    assert shown[1] not in page
    assert "reports viewer pagerduty" in operated.words(ON)
    number = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert number is not None
    operated.press(ON, f"{ON}/revoke-token", token=number[1])
    assert operated.client.get("/v1/links", headers=bearer).status_code == 401


def test_a_token_ends_after_90_days_there_too_unless_never_is_written(operated: Operated) -> None:
    usual = operated.press(ON, f"{ON}/issue-token", name="usual", role="viewer")
    assert "usual expires at" in plain(usual.text)
    eternal = operated.press(ON, f"{ON}/issue-token", name="eternal", role="viewer", days="never")
    assert "eternal never expires" in plain(eternal.text)
    operated.press(ON, f"{ON}/issue-token", name="short", role="viewer", days="3")
    words = operated.words(ON)
    assert "good never ends" in words.partition("eternal viewer")[2]
    assert "good ends soon, at" in words.partition("short viewer")[2]


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("add-user", {"name": "Dana", "role": "king", "password": PASSWORD}),
        ("add-user", {"name": "Dana", "role": "viewer", "password": "short"}),
        ("add-user", {"name": "", "role": "viewer", "password": PASSWORD}),
        ("issue-token", {"name": "t", "role": "viewer", "days": "-1"}),
        ("issue-token", {"name": "t", "role": "viewer", "days": "9" * 40}),
        ("issue-token", {"name": "t", "role": "viewer", "integrations": "nobody"}),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(operated: Operated, act: str, fields: dict[str, str]) -> None:
    refused = operated.press(ON, f"{ON}/{act}", **fields)
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    assert PASSWORD not in refused.text
    assert "Nobody yet" in operated.words(ON)
    assert "None was issued" in operated.words(ON)


def test_nothing_else_can_be_done_there(operated: Operated) -> None:
    assert operated.press(ON, f"{ON}/explode").status_code == 404


def test_an_auditor_sees_and_changes_nothing_and_others_do_not_see(operated: Operated) -> None:
    operated.sign_in_as(Role.AUDITOR)
    assert "<button>Disable" not in operated.see(ON)
    assert operated.press(ON, f"{ON}/add-user", name="x", role="admin", password=PASSWORD).status_code == 403
    operated.sign_in_as(Role.OPERATOR)
    assert operated.client.get(ON).status_code == 403
    assert "Settings" not in operated.words("/overview")


def test_it_lists_the_channels_and_what_is_wrong_now(world: World, door: Door) -> None:
    with postbox.web() as box:
        channels: dict[str, Channel] = {"webhook": Webhook(box.url, SECRET, LOOPBACK)}
        with operated_with(world, door, lambda: channels) as operated:
            assert "nothing was sent yet" in operated.words(ON)
            assert "Nothing is wrong now" in operated.words(ON)
            world.incident.fail("check", REFUSED_KEY, times=1_000)
            accounts.refused(world.db, world.connections, PAGERDUTY, Unauthorised("The key is not valid.", status=401))
            box.answers = [500]
            noticing.look(world.db, channels)
            telling.tell(world.db, channels, world.clock)
            shown = operated.words(ON)
            assert SECRET not in operated.see(ON)
    assert re.search(r"webhook http://\S+ .* retrying .*answered 500 to the message", shown)
    assert re.search(rf"integration\.disconnected {PAGERDUTY} Integration {PAGERDUTY} is disconnected", shown)


def test_a_channel_that_cannot_be_used_is_shown_as_what_it_is_and_on_the_overview(world: World, door: Door) -> None:
    why = "SYNCD_NOTIFY_WEBHOOK_SECRET is set and SYNCD_NOTIFY_WEBHOOK_URL is not; set both or neither."
    half: dict[str, Channel] = {"webhook": Unusable("webhook", why)}
    with operated_with(world, door, lambda: half) as operated:
        assert f"unusable {why}" in operated.words(ON)
        assert "Channel webhook cannot be used: " in operated.words("/overview")


@contextmanager
def operated_with(world: World, door: Door, channels: Callable[[], Mapping[str, Channel]]) -> Iterator[Operated]:
    cases = Cases(world.db, site="http://syncd.test")
    parts = Parts(world.db, cases, world.connections, lambda _: None, world.clock, TOKEN, channels=channels)
    with httpx.Client(base_url=door.open(parts), trust_env=False) as client:
        made = Operated(world, client)
        made.sign_in()
        yield made
