"""Evidence of a daemon elsewhere, over its /v1: rows as the commands have them here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from syncd.cli.saying import say
from syncd.errors import Conflict, Misconfigured, Unavailable
from syncd.evidence.bundle.placing import Place, placed

from .reach import Json, Query, given
from .remote_routing import Ask

Send = Callable[[str, Json], AbstractContextManager[httpx.Response]]  # a path and a body; the file that comes back
_MOMENTS = frozenset({"at", "until", "window_start", "window_end", "since"})


class RemoteEvidence:
    def __init__(self, ask: Ask, send: Send) -> None:
        self._ask, self._send = ask, send

    def account(self, name: str) -> str:
        """By its name, or the only one that is collected from."""
        if name:
            return name
        there = [str(one["name"]) for one in self._ask("GET", "/v1/evidence")["accounts"]]
        if len(there) == 1:
            return there[0]
        told = (
            f"name one of {', '.join(there)}" if there else "`syncd integrations set NAME --evidence on` switches it on"
        )
        raise Misconfigured(f"Evidence is collected from {len(there)} accounts there; {told}.")

    def report(self, name: str, period: str, snapshot: int | None) -> Json:
        asked = given(snapshot=snapshot) if snapshot is not None else {"period": period}
        return dict(self._get(name, "", asked))

    def status(self, name: str, period: str) -> Json:
        found = self._get(name, "/status", {"period": period})
        return {part: [_read(one) for one in found[part]] for part in ("datasets", "collections")}

    def collect(self, name: str, fields: Json) -> Json:
        return self._post(name, "collect", fields)

    def acceptances(self, name: str) -> list[Json]:
        return [_read(one) for one in self._get(name, "/acceptances", {})["acceptances"]]

    def accept(self, name: str, fields: Json) -> Json:
        return _read(self._post(name, "accept", fields))

    def withdraw(self, name: str, fields: Json) -> Json:
        return _read(self._post(name, "withdraw", fields))

    def snapshots(self, name: str) -> list[Json]:
        return [_read(one) for one in self._get(name, "/snapshots", {})["snapshots"]]

    def diff(self, name: str, before: int, after: int | None) -> list[Json]:
        return list(self._get(name, "/diff", given(a=before, b=after))["changes"])

    def bundle(self, name: str, fields: Json, to: Path) -> Json:
        """It takes its place when all of it has come, and is what was sent. What was made there stays a snapshot, whatever becomes of the file."""
        account = self.account(name)
        with self._send(self._at(account, "/bundle"), fields) as answer:
            number = int(answer.headers["x-syncd-snapshot"])
            try:
                with placed(to) as place:
                    _received(answer, place, to)
                    place.number = number
            except Conflict:
                raise
            except BaseException:  # Ctrl-C as well.
                say(
                    f"Nothing of it is left here. Snapshot {number} of {account} is kept there: `syncd evidence bundle {account} --snapshot {number} "
                    "-O FILE`, with the same --server, gives its report and its signed manifest.",
                    err=True,
                )
                raise
            fingerprint = answer.headers["x-syncd-fingerprint"]
            return {"bundle": str(to), "account": account, "number": number, "fingerprint": fingerprint}

    def _at(self, name: str, place: str) -> str:
        return f"/v1/evidence/{quote(self.account(name), safe='')}{place}"

    def _get(self, name: str, place: str, asked: Query) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._ask("GET", self._at(name, place), params=asked)
        return found

    def _post(self, name: str, act: str, fields: Json) -> Json:
        return dict(self._ask("POST", self._at(name, f"/{act}"), json=fields))


def _received(answer: httpx.Response, place: Place, to: Path) -> None:
    digest = hashlib.sha256()
    for piece in answer.iter_bytes():
        digest.update(piece)
        place.file.write(piece)
    if digest.hexdigest() != answer.headers.get("x-syncd-sha256"):
        raise Unavailable(f"{to} was not written: what came is not what was sent; ask for the bundle again.")


def _read(row: Mapping[str, Any]) -> Json:
    """Moments are moments, so that they are shown as those of this machine's database are."""
    return {
        name: datetime.fromisoformat(value) if value and (name.endswith("_at") or name in _MOMENTS) else value
        for name, value in row.items()
    }
