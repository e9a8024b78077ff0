"""Which channels there are: those whose settings stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from syncd.errors import Misconfigured
from syncd.outgoing import Outgoing

from .mail import Mail
from .port import Channel
from .unusable import Unusable
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
    """One whose settings make none, or half of one, stands there as that: whoever set it expects to be told."""
    if wanted.webhook_url or wanted.webhook_secret:
        yield _made(Webhook.name, lambda: _webhook(wanted, outgoing))
    if wanted.slack_url:
        yield _made(Chat.name, lambda: Chat(wanted.slack_url, outgoing))
    if wanted.smtp_url or wanted.mail_to:
        yield _made(Mail.name, lambda: Mail(wanted.smtp_url, wanted.mail_from, wanted.mail_to, outgoing))


def _made(name: str, make: Callable[[], Channel]) -> Channel:
    try:
        return make()
    except Misconfigured as error:
        return Unusable(name, str(error))


def _webhook(wanted: Wanted, outgoing: Outgoing) -> Webhook:
    if not wanted.webhook_url:
        raise Misconfigured(
            "SYNCD_NOTIFY_WEBHOOK_SECRET is set and SYNCD_NOTIFY_WEBHOOK_URL is not; set both or neither."
        )
    return Webhook(wanted.webhook_url, wanted.webhook_secret, outgoing)
