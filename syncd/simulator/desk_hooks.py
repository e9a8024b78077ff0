"""The case desk's hooks: what they say, and their Standard Webhooks signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncd.clock import Clock
from syncd.simulator import signing
from syncd.simulator.asked import JSON_TYPE, Json, encode
from syncd.simulator.cases import Case, Comment, iso
from syncd.simulator.courier import Courier, Parcel
from syncd.simulator.ids import Ids
from syncd.simulator.switches import DeskSwitches

WRONG_SECRET = "whsec_bm90LXRoZS1zZWNyZXQtb2YtdGhlLWRlc2s="  # noqa: S105 - wrongly signed hooks are signed with this, on purpose


@dataclass(slots=True)
class DeskHooks:
    """Told of changes by the cases; the courier's sender."""

    clock: Clock
    ids: Ids
    switches: DeskSwitches
    url: str | None = None
    secrets: list[str] = field(default_factory=list, repr=False)  # every one of them signs
    courier: Courier | None = None

    def __call__(self, what: str | None, case: Case, by: str, comment: Comment | None) -> None:
        kind = "case.changed" if self.switches.thin_hooks else f"case.{what}"
        if self.courier is None or self.url is None or (what is None and not self.switches.thin_hooks):
            return
        body = _thin(case) if self.switches.thin_hooks else _full(kind, case, by, comment)
        message_id = f"msg_{self.ids.hexadecimal()}"
        parcel = Parcel(
            webhook_id=message_id,
            subscription="desk",
            queue=0,
            resource=case.key,
            event_type=kind,
            event_id=message_id,
            body=encode(body),
        )
        self.courier.send(parcel)

    def address(self, parcel: Parcel) -> str | None:  # noqa: ARG002 - there is one receiver for everything
        return self.url

    def seal(self, parcel: Parcel, at: datetime, *, wrongly: bool) -> Mapping[str, str]:
        second = int(at.timestamp())
        secrets = [WRONG_SECRET] if wrongly else self.secrets
        signed = (signing.standard(secret, parcel.webhook_id, second, parcel.body) for secret in secrets)
        return {
            "content-type": JSON_TYPE,
            "user-agent": "syncd-case-desk",
            "webhook-id": parcel.webhook_id,
            "webhook-timestamp": str(second),
            "webhook-signature": " ".join(signed),
        }

    def delivered(self, parcel: Parcel) -> None:
        """The desk forgets what has arrived."""

    def dropped(self, parcel: Parcel) -> None:
        """The desk gives up on a refused hook and goes on with the next."""


def _thin(case: Case) -> Json:
    return {"type": "case.changed", "data": {"case": {"key": case.key}}}


def _full(kind: str, case: Case, by: str, comment: Comment | None) -> Json:
    shown = {
        "key": case.key,
        "title": case.title,
        "status": case.status,
        "priority": case.priority,
        "resolution_note": case.resolution_note,
        "url": case.url,
        "version": case.version,
        "updated_at": iso(case.updated_at),
    }
    data: Json = {"case": shown, "by": by, "connector": case.connector}
    if comment is not None:
        data["comment"] = {"id": comment.id, "text": comment.text, "author": comment.author}
    return {"type": kind, "timestamp": iso(case.updated_at), "data": data}
