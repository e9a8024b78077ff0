"""A notice is raised once for its cause, told to each channel until it is taken, and told again when it is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message

import pytest
from sqlalchemy import update

from syncd import errors
from syncd.core.changes import CaseOpened, Field, Side
from syncd.core.policy import Winner
from syncd.errors import Unauthorised
from syncd.flow import accounts
from syncd.flow.notices import noticing, telling
from syncd.flow.notices.ways import ways
from syncd.flow.orders import parking, resolving
from syncd.flow.status import channels as status
from syncd.flow.status.condition import condition
from syncd.store import notices
from syncd.store.notices import Notice
from syncd.store.tables_of_accounts import connectors
from syncd.systems.channels.mail import Mail
from syncd.systems.channels.port import Channel
from syncd.systems.channels.unusable import Unusable
from syncd.systems.channels.web import Chat, Webhook
from tests.flow.status.told import AWAY, NO, NOBODY_ON_CALL, REFUSED_KEY
from tests.flow.world import PAGERDUTY, World
from tests.parts import postbox
from tests.parts.loopback import LOOPBACK
from tests.parts.postbox import Postbox
from tests.systems.channels.test_channels import SECRET


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox.web() as made:
        yield made


def looked(world: World, channels: dict[str, Channel] | None = None) -> list[Notice]:
    """What stands after a look."""
    world.clock.forward(noticing.LEASE.total_seconds())
    assert noticing.look(world.db, channels or {})
    with world.db.read() as tx:
        return list(notices.standing(tx).values())


def kinds(world: World) -> list[tuple[str, str]]:
    return sorted((one.kind, one.cause) for one in looked(world))


def disconnect(world: World) -> None:
    world.incident.fail("check", REFUSED_KEY, times=1_000)
    accounts.refused(world.db, world.connections, PAGERDUTY, Unauthorised("The key is not valid.", status=401))


def reconnect(world: World) -> None:
    world.incident.faults.clear()
    world.wait(3_600)


def tell(world: World, channels: dict[str, Channel]) -> None:
    while telling.tell(world.db, channels, world.clock):
        pass


def types(box: Postbox) -> list[str]:
    return [json.loads(one.body)["type"] for one in box.posted]


def test_nothing_to_tell(linked: World) -> None:
    assert kinds(linked) == []


def test_one_look_is_made_by_one_of_all(linked: World) -> None:
    assert noticing.look(linked.db, {})
    assert not noticing.look(linked.db, {})


def test_an_account_that_is_disconnected_is_told_once_and_again_when_it_is_over(linked: World, box: Postbox) -> None:
    channels: dict[str, Channel] = {"webhook": Webhook(box.url, SECRET, LOOPBACK)}
    disconnect(linked)
    for _ in range(3):
        looked(linked, channels)
        tell(linked, channels)
    assert types(box) == ["integration.disconnected"]
    reconnect(linked)
    assert looked(linked, channels) == []
    tell(linked, channels)
    assert types(box) == ["integration.disconnected", "integration.disconnected.cleared"]
    disconnect(linked)
    looked(linked, channels)
    tell(linked, channels)
    assert types(box)[2:] == ["integration.disconnected"], "the next time is another one"


def test_what_was_over_before_anybody_was_told_is_not_told(linked: World, box: Postbox) -> None:
    channels: dict[str, Channel] = {"webhook": Webhook(box.url, SECRET, LOOPBACK)}
    disconnect(linked)
    looked(linked, channels)
    reconnect(linked)
    looked(linked, channels)
    tell(linked, channels)
    assert types(box) == []


def test_a_channel_that_fails_is_tried_again_with_a_row_each_and_stands_in_the_status(
    linked: World, box: Postbox
) -> None:
    channels: dict[str, Channel] = {"webhook": Webhook(box.url, SECRET, LOOPBACK)}
    box.answers = [500]
    disconnect(linked)
    looked(linked, channels)
    tell(linked, channels)
    assert any("Channel webhook did not take" in one.what for one in condition(linked.db).findings)
    linked.clock.forward(telling.WAITS[0].total_seconds())
    tell(linked, channels)
    first, second = box.posted
    assert first.headers["webhook-id"] == second.headers["webhook-id"], "whoever gets it twice can tell"
    assert not any("Channel" in one.what for one in condition(linked.db).findings)
    with linked.db.read() as tx:
        assert status.failing(tx, linked.clock.now()) == []


def test_a_channel_that_cannot_be_made_stands_in_the_status_and_what_it_is_to_tell_waits_until_it_is_mended(
    linked: World, box: Postbox
) -> None:
    none: dict[str, Channel] = {"slack": Unusable("slack", "Its address is none.")}
    (found,) = [one for one in condition(linked.db, told_by=none).findings if "Channel" in one.what]
    assert found.what == "Channel slack cannot be used: Its address is none."
    assert "syncd channels test slack" in found.remedy
    with linked.db.read() as tx:
        assert [(one.last, one.detail) for one in ways(tx, none)] == [("unusable", "Its address is none.")]
    disconnect(linked)
    looked(linked, none)
    tell(linked, none)
    (still,) = [one for one in condition(linked.db, told_by=none).findings if "Channel" in one.what]
    assert still == found, "one finding for one trouble"
    linked.clock.forward(telling.WAITS[0].total_seconds())
    tell(linked, {"slack": Chat(box.url, LOOPBACK)})
    assert len(box.posted) == 1
    assert not any("Channel" in one.what for one in condition(linked.db).findings)


def test_a_channel_that_breaks_has_a_row_that_says_so(linked: World) -> None:
    with postbox.mail() as box:
        broken: dict[str, Channel] = {
            "mail": Mail(f"smtp://127.0.0.1:{box.port}", "a@b\nc", ["b@example.com"], LOOPBACK)
        }
        disconnect(linked)
        looked(linked, broken)
        tell(linked, broken)
    assert any("The channel itself failed (ValueError)" in one.what for one in condition(linked.db).findings)


def test_a_message_that_nobody_takes_for_days_is_given_up_and_said(linked: World, box: Postbox) -> None:
    channels: dict[str, Channel] = {"webhook": Webhook(box.url, SECRET, LOOPBACK)}
    box.answers = [500] * 3
    disconnect(linked)
    looked(linked, channels)
    tell(linked, channels)
    linked.clock.forward(status.GIVES_UP_AFTER.total_seconds() + 1)
    tell(linked, channels)
    linked.clock.forward(7_200)
    tell(linked, channels)
    assert len(box.posted) == 2
    with linked.db.read() as tx:
        assert [one.outcome for one in notices.last_attempts(tx)] == [notices.FAILED]


def test_changes_that_wait_too_long_are_one_notice_for_their_account(linked: World) -> None:
    linked.incident.fail("add_note", AWAY, times=1_000)
    linked.incident.fail("check", AWAY, times=1_000)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert kinds(linked) == []
    linked.clock.forward(601)
    assert kinds(linked) == [("link.stuck", PAGERDUTY)]
    linked.incident.faults.clear()
    linked.wait(3_600)
    assert kinds(linked) == []


def test_a_case_without_an_incident(world: World) -> None:
    world.incident.fail("open", NOBODY_ON_CALL)
    world.ask_for_incident()
    world.drain()
    (notice,) = [one for one in looked(world) if one.kind == "link.stuck"]
    assert notice.what == "Case C-1 got no incident in pagerduty: Nobody is on call for this service."


def test_what_others_wrote_into_a_case_calls_nobody_by_the_notice_of_it(world: World) -> None:
    """A refusal quotes the case's title, and a case desk may call a case whatever it likes."""
    title = "\x1b[2Jx \u202eabc @here <!channel> <http://evil|bank> [~bob]\r\nBcc: x@y"
    record = world.case.put("C @here [~bob]", title=title)
    refused = errors.Refused(f"Nobody is on call for {title}.", reason="nobody_on_call", status=400, code=1015)
    world.incident.fail("open", refused)
    world.tell(Side.CASE, record.ref, CaseOpened(title, title, url=record.url, at=record.at), kind="opened")
    world.drain()
    with postbox.web() as hooks, postbox.web() as chats, postbox.mail() as letters:
        channels: dict[str, Channel] = {
            "webhook": Webhook(hooks.url, SECRET, LOOPBACK),
            "slack": Chat(chats.url, LOOPBACK),
            "mail": Mail(f"smtp://127.0.0.1:{letters.port}", "syncd@example.com", ["oncall@example.com"], LOOPBACK),
        }
        looked(world, channels)
        tell(world, channels)
        (letter,) = [one for one in letters.mails if "got no incident" in _read(one)]
        (chat,) = [text for one in chats.posted if "got no incident" in (text := json.loads(one.body)["text"])]
        (hook,) = [it for one in hooks.posted if (it := json.loads(one.body))["type"] == "link.stuck"]
    assert letter["Bcc"] is None
    for text in (str(make_header(decode_header(letter["Subject"]))), _read(letter), chat, hook["data"]["what"]):
        assert "got no incident" in text
        assert not [sign for sign in ("\x1b", "\u202e", "\r", "@here", "[~bob", "<!channel") if sign in text], text
    assert "<" not in chat


def _read(letter: Message) -> str:
    body = letter.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode().replace("\r\n", "\n")  # as SMTP has its lines


def test_many_cases_that_one_thing_keeps_without_an_incident_are_one_notice_until_the_last_has_one(
    world: World,
) -> None:
    world.incident.fail("open", NOBODY_ON_CALL, times=3)
    for case in ("C-1", "C-2", "C-3"):
        world.ask_for_incident(case)
    world.drain()
    (notice,) = [one for one in looked(world) if one.kind == "link.stuck"]
    assert (notice.what, notice.cause) == (
        "3 cases got no incident in pagerduty; of C-1: Nobody is on call for this service.",
        "pagerduty unopened",
    )
    failed = [row["id"] for row in world.rows() if row["outcome"] == "failed" and row["change"] == "open"]
    assert len(failed) == 3
    for number in failed:
        assert [one.kind for one in looked(world)].count("link.stuck") == 1
        parking.park(world.db, [number], by="Eve", why="no incident is wanted")
    assert [one for one in looked(world) if one.kind == "link.stuck"] == []


def test_changes_that_were_refused_for_good_are_one_notice_for_their_reason(linked: World) -> None:
    linked.incident.fail("add_note", NO, times=2)
    linked.comment(Side.CASE, "C-1", "one")
    linked.comment(Side.CASE, "C-1", "two")
    linked.drain()
    (notice,) = looked(linked)
    assert (notice.kind, notice.what.startswith("2 changes for pagerduty")) == ("delivery.exhausted", True)


def test_a_conflict_is_told_until_somebody_decides(linked: World) -> None:
    with linked.db.write() as tx:
        tx.execute(update(connectors).values(policy={"priority": Winner.MANUAL}))
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE")
    linked.drain()
    (notice,) = looked(linked)
    assert (notice.kind, notice.remedy) == ("conflict.opened", "See what each side says: `syncd conflicts list`.")
    link = int(notice.cause.removeprefix("link "))
    resolving.resolve(linked.db, linked.connections, link, Field.PRIORITY, Side.CASE, by="ann")
    assert looked(linked) == []
