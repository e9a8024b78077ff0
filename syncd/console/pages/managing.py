"""What an admin does about an account on its page; each says what came of it, as the command and /v1 do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from syncd.connections.joining.setup import Setup
from syncd.console import told_joining
from syncd.console.bodies import CreateWebhook, Reconnect, RotateWebhook
from syncd.console.v1.joining import JoiningApi
from syncd.console.v1.webhooks import WebhooksApi
from syncd.errors import Misconfigured, NotFound
from syncd.flow.orders import removing, two_way


@dataclass(frozen=True, slots=True)
class Managing:
    setup: Callable[[], Setup]
    public_url: str

    def do(self, slug: str, act: str, fields: Mapping[str, str], by: str) -> str:
        joining, webhooks = JoiningApi(self.setup, self.public_url), WebhooksApi(self.setup, self.public_url)
        match act:
            case "test":
                found = told_joining.tested(self.setup(), slug)
                return "; ".join(f"{what}: {answer}" for what, answer in found.items())
            case "reconnect":
                secret = SecretStr(fields.get("secret", "").strip()[:2048])
                return _said(joining.reconnect(slug, Reconnect(by=by, secret=secret)))
            case "webhook":
                return _said(webhooks.create(slug, CreateWebhook(by=by)))
            case "rotate-webhook":
                return _said(webhooks.rotate(slug, RotateWebhook(by=by)))
            case "two-way":
                is_on = fields.get("on") == "yes"
                setup = self.setup()
                two_way.switch(setup.db, slug, is_on=is_on, by=by)
                return f"Two-way sync is {'on' if is_on else 'off'}."
            case "remove":
                if fields.get("sure") != slug:
                    raise Misconfigured(
                        f"Write {slug} beside the button to remove it. {removing.plan(self.setup(), slug).says}"
                    )
                return removing.remove(self.setup(), slug, by=by)
            case _:
                raise NotFound(f"Nothing called {act!r} can be done to an account.")


def _said(answer: Mapping[str, object]) -> str:
    return str(answer["says"])
