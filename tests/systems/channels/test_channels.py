"""What arrives at a webhook, a chat and a mailbox: proven, whole, and calling nobody but whom it is for."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Judge
from standardwebhooks.webhooks import WebhookVerificationError

from syncd.clock import Clock
from syncd.core.harmless import calling_nobody, in_chat, plain
from syncd.errors import Misconfigured, OffLimits, Refused, Unreachable
from syncd.outgoing import PUBLIC_ONLY
from syncd.systems.channels.mail import Mail
from syncd.systems.channels.port import Channel, Message
from syncd.systems.channels.registry import Wanted, channels
from syncd.systems.channels.unusable import Unusable
from syncd.systems.channels.web import Chat, Webhook
from syncd.systems.trip import Trip
from tests.parts import postbox
from tests.parts.loopback import LOOPBACK
from tests.parts.postbox import Postbox

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ"
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TOLD = Message("msg_1", "integration.disconnected", "acme", "Acme is gone: Käse.", "Renew its key.", AT, None)
OVER = replace(TOLD, id="msg_2", event="integration.disconnected.cleared", cleared_at=AT)
HOSTILE = "<!channel> <http://evil|click> @here [~admin] \x1b[2J\r\nBcc: x@y \u202eabc"


@pytest.fixture
def web() -> Iterator[Postbox]:
    with postbox.web() as box:
        yield box


@pytest.fixture
def mail() -> Iterator[Postbox]:
    with postbox.mail() as box:
        yield box


def send(channel: Channel, message: Message = TOLD) -> None:
    clock = Clock()
    channel.send(message, Trip.begin(message.id, clock.monotonic), clock.now())


def by_mail(box: Postbox) -> Mail:
    return Mail(f"smtp://127.0.0.1:{box.port}", "syncd@example.com", ["oncall@example.com", "b@example.com"], LOOPBACK)


def test_a_webhook_is_proven_to_somebody_elses_verifier(web: Postbox) -> None:
    send(Webhook(f"{web.url}/in?to=a b", SECRET, LOOPBACK), OVER)
    (got,) = web.posted
    read = Judge(SECRET).verify(got.body, got.headers)
    assert read["type"] == "integration.disconnected.cleared"
    assert read["data"]["what"] == "Acme is gone: Käse."
    assert got.headers["webhook-id"] == "msg_2"
    assert got.path in {"/in?to=a+b", "/in?to=a%20b"}
    with pytest.raises(WebhookVerificationError):
        Judge(SECRET).verify(got.body + b" ", got.headers)


def test_what_is_no_secret_is_refused_before_anything_is_sent() -> None:
    for secret in ("", "whsec_short", "whsec_!!!"):
        with pytest.raises(Misconfigured, match="openssl rand"):
            Webhook("https://example.com/in", secret, LOOPBACK)


def test_a_chat_gets_text_that_calls_nobody(web: Postbox) -> None:
    send(Chat(f"{web.url}/services/T0/B0/verysecret", LOOPBACK), replace(TOLD, what=HOSTILE))
    text = json.loads(web.posted[0].body)["text"]
    assert "<!" not in text
    assert "<http" not in text
    assert "@here" not in text
    assert "\x1b" not in text


def test_mail_arrives_and_no_text_can_add_a_header_to_it(mail: Postbox) -> None:
    send(by_mail(mail), replace(TOLD, what=HOSTILE))
    send(by_mail(mail), OVER)
    hostile, over = mail.mails
    assert hostile["Bcc"] is None
    assert hostile["To"] == "oncall@example.com, b@example.com"
    assert "\x1b" not in str(hostile)
    assert over["Subject"].startswith("[syncd] Over: ") or "utf-8" in over["Subject"]
    assert sum(line.upper().startswith("RCPT") for line in mail.envelopes) == 4


def test_a_failure_says_why_and_shows_no_secret_of_the_address(web: Postbox, mail: Postbox) -> None:
    web.answers = [503, 404]
    chat = Chat(f"{web.url}/services/T0000001/B0000001/verysecretpart", LOOPBACK)
    for kind in (Unreachable, Refused):
        with pytest.raises(kind) as caught:
            send(chat)
        assert "verysecretpart" not in str(caught.value)
    assert "verysecretpart" not in chat.where
    web.answers = [302]
    with pytest.raises(Unreachable, match="answered 302, a redirect that is not followed, to the message"):
        send(chat)
    mail.answers = [550, 550]
    with pytest.raises(Refused, match=r"takes no mail for b@example.com|oncall@example.com"):
        send(by_mail(mail))


def test_nothing_goes_to_an_address_that_is_not_opened(web: Postbox, mail: Postbox) -> None:
    for channel in (
        Webhook(web.url, SECRET, PUBLIC_ONLY),
        Chat(web.url, PUBLIC_ONLY),
        Mail(f"smtp://127.0.0.1:{mail.port}", "a@example.com", ["b@example.com"], PUBLIC_ONLY),
    ):
        with pytest.raises((OffLimits, Unreachable), match="SYNCD_OUTGOING_ALLOW"):
            send(channel)
    assert (web.posted, mail.envelopes) == ([], [])


def test_a_password_is_not_sent_in_the_open(mail: Postbox) -> None:
    open_ = Mail(f"smtp://ann:pw@127.0.0.1:{mail.port}", "a@example.com", ["b@example.com"], LOOPBACK)
    with pytest.raises(Refused, match="offers no TLS"):
        send(open_)


def test_half_a_channel_stands_there_as_one_that_cannot_be_used_and_none_is_none() -> None:
    assert list(channels(Wanted(), LOOPBACK)) == []
    for half, name in (
        (Wanted(webhook_secret=SECRET), "webhook"),
        (Wanted(webhook_url="https://x.example"), "webhook"),
        (Wanted(mail_to=["a@example.com"]), "mail"),
    ):
        (made,) = channels(half, LOOPBACK)
        assert (made.name, made.where) == (name, "")
        with pytest.raises(Misconfigured, match="SYNCD_NOTIFY_"):
            send(made)


def by_mail_at(url: str) -> Wanted:
    return Wanted(smtp_url=url, mail_from="a@example.com", mail_to=["b@example.com"])


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Wanted(slack_url="https://[hunter/2"), "SYNCD_NOTIFY_SLACK_URL is not valid; it takes an address"),
        (Wanted(slack_url="https://u:hunter/2@h/x"), "SYNCD_NOTIFY_SLACK_URL is not valid"),
        (Wanted(webhook_url="https://h:hunter", webhook_secret=SECRET), "SYNCD_NOTIFY_WEBHOOK_URL is not valid"),
        (by_mail_at("smtp://mailer:hunter/2@127.0.0.1:2525"), "Mail needs SYNCD_NOTIFY_SMTP_URL like"),
        (by_mail_at("smtp://mailer:12/hunter@127.0.0.1"), "Mail needs SYNCD_NOTIFY_SMTP_URL like"),
        (by_mail_at("smtp://mailer:hunterß@127.0.0.1"), "take letters without accents"),
    ],
)
def test_an_address_that_is_half_right_makes_no_channel_and_is_not_quoted(wanted: Wanted, says: str) -> None:
    (made,) = channels(wanted, LOOPBACK)
    assert isinstance(made, Unusable)
    assert says in made.why
    assert "hunter" not in made.why
    with pytest.raises(Misconfigured) as refused:
        send(made)
    assert "hunter" not in "".join(traceback.format_exception(refused.value))


@given(st.text(max_size=30))
def test_no_setting_of_a_channel_ends_whoever_makes_it(text: str) -> None:
    for rest in (text, f"https://{text}", f"smtp://{text}", f"https://u:{text}@h/x", f"smtp://u:{text}@h"):
        wanted = Wanted(rest, SECRET, rest, rest, "a@example.com", [text or "b@example.com"])
        assert {one.name for one in channels(wanted, LOOPBACK)} >= (
            {"webhook", "slack", "mail"} if rest else {"webhook"}
        )


@given(st.text())
def test_no_text_calls_anybody_or_moves_a_cursor(text: str) -> None:
    assert plain(text).isprintable()
    assert not {"<", ">"} & set(in_chat(text))
    for mention in ("@here", "@channel", "[~admin"):
        assert mention not in calling_nobody(f"{text}@here @channel [~admin]")
