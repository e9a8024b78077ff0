"""Two channels over HTTP: a webhook signed as Standard Webhooks asks for, and an address that takes what Slack takes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from syncd import __version__
from syncd.address.reading import SPELLED, is_web
from syncd.core.harmless import calling_nobody, in_chat, plain
from syncd.errors import Misconfigured, OffLimits, Refused, SideError, Unreachable
from syncd.outgoing import Outgoing
from syncd.systems.answer import is_redirect
from syncd.systems.document import cleaned
from syncd.systems.http import Http
from syncd.systems.trip import Trip

from .port import Message

_PREFIX = "whsec_"


class _Address:
    """A whole address, which may have a secret in any part of it; only the host is ever shown."""

    def __init__(self, name: str, url: str, secrets: Sequence[str], outgoing: Outgoing) -> None:
        if not is_web(url):
            message = (
                f"SYNCD_NOTIFY_{name.upper()}_URL is not valid; it takes an address that begins with https:// or http:// and names a "
                f"host, {SPELLED}."
            )
            raise Misconfigured(message)
        parts = urlsplit(url)
        self.where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._path, self._params = parts.path or "/", parse_qs(parts.query, keep_blank_values=True)
        hidden = [
            *secrets,
            *filter(None, parts.path.split("/")),
            *(one for many in self._params.values() for one in many),
        ]
        # Short pieces of a path (`v1`) are no secrets, and hiding them would make every sentence unreadable.
        self._http = Http(
            f"channel {name}", self.where, {}, secrets=[one for one in hidden if len(one) >= 8], outgoing=outgoing
        )

    def post(self, trip: Trip, json_: object, headers: dict[str, str]) -> None:
        """What went wrong is said without the path, which may be a secret as a whole."""
        try:
            self._http.send(trip, "POST", self._path, params=self._params or None, json=json_, headers=headers)
        except OffLimits:
            raise
        except SideError as error:
            status = trip.exchanges[-1].status if trip.exchanges else None
            if status is None:
                raise Unreachable(
                    f"{self.where} gave no answer to the message; see that it runs and can be reached."
                ) from error
            kind = Refused if status < 500 and not is_redirect(status) else Unreachable
            what = ", a redirect that is not followed," if is_redirect(status) else ""
            raise kind(
                f"{self.where} answered {status}{what} to the message; see that the address is still the right one."
            ) from error


class Webhook:
    name = "webhook"

    def __init__(self, url: str, secret: str, outgoing: Outgoing) -> None:
        self._key = _key(secret)
        self._address = _Address(self.name, url, (secret,), outgoing)
        self.where = self._address.where

    def send(self, message: Message, trip: Trip, now: datetime) -> None:
        body = cleaned(_as_json(message))
        at = str(int(now.timestamp()))
        # The very bytes that the door sends.
        text = json.dumps(body, ensure_ascii=False, allow_nan=False)
        signed = hmac.new(self._key, f"{message.id}.{at}.{text}".encode(), hashlib.sha256).digest()
        signature = f"v1,{base64.b64encode(signed).decode()}"
        headers = {"webhook-id": message.id, "webhook-timestamp": at, "webhook-signature": signature}
        self._address.post(trip, body, headers)


class Chat:
    name = "slack"

    def __init__(self, url: str, outgoing: Outgoing) -> None:
        self._address = _Address(self.name, url, (url,), outgoing)
        self.where = self._address.where

    def send(self, message: Message, trip: Trip, now: datetime) -> None:  # noqa: ARG002 - nothing is signed here
        sign = ":white_check_mark: Over" if message.is_over else ":rotating_light:"
        words = f"{sign} *{message.event}* {in_chat(message.what)}"
        text = words if message.is_over else f"{words}\n{in_chat(message.remedy)}"
        self._address.post(trip, {"text": text}, {})


def _as_json(message: Message) -> dict[str, object]:
    return {
        "type": message.event,
        "timestamp": (message.cleared_at or message.opened_at).isoformat(),
        "data": {
            "cause": plain(message.cause),
            "what": calling_nobody(message.what),
            "remedy": calling_nobody(message.remedy),
            "opened_at": message.opened_at.isoformat(),
            "cleared_at": message.cleared_at.isoformat() if message.cleared_at else None,
        },
        "sender": f"syncd/{__version__}",
    }


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if len(key) < 24:
        raise Misconfigured(
            "SYNCD_NOTIFY_WEBHOOK_SECRET is no secret of Standard Webhooks; it takes whsec_ and at least 24 bytes in base64: "
            "`echo whsec_$(openssl rand -base64 32)`."
        )
    return key
