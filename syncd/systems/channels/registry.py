"""Which channels there are: those whose settings stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from syncd.errors import Misconfigured
from syncd.outgoing import Outgoing

from .mail import Mail
from .port import Channel
from .web import Chat, Webhook


@dataclass(frozen=True, slots=True)
class Wanted:
    webhook_url: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    slack_url: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    mail_to: Sequence[str] = ()


def channels(wanted: Wanted, outgoing: Outgoing) -> Iterator[Channel]:
    """Half a channel is refused: whoever set it expects to be told."""
    if wanted.webhook_url:
        yield Webhook(wanted.webhook_url, wanted.webhook_secret, outgoing)
    elif wanted.webhook_secret:
        raise Misconfigured(
            "SYNCD_NOTIFY_WEBHOOK_SECRET is set and SYNCD_NOTIFY_WEBHOOK_URL is not; set both or neither."
        )
    if wanted.slack_url:
        yield Chat(wanted.slack_url, outgoing)
    if wanted.smtp_url or wanted.mail_to:
        yield Mail(wanted.smtp_url, wanted.mail_from, wanted.mail_to, outgoing)
