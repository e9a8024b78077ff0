"""/v1/evidence/{slug}/bundle: a bundle is made beside its way out, and then sent. One at a time: each may be of any size."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from syncd.connections.vault import Vault
from syncd.console.bearer import Handler
from syncd.console.bodies import MakeBundle
from syncd.console.intake import carried
from syncd.errors import Misconfigured
from syncd.evidence.bundle.making import Maker, excerpt
from syncd.evidence.desk import Desk
from syncd.store.evidence.snapshots import Snapshot

SHA256, NUMBER, FINGERPRINT = "X-Syncd-Sha256", "X-Syncd-Snapshot", "X-Syncd-Fingerprint"


_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Made:
    """Its file has no name any more: whatever becomes of the request, nothing of it stays behind."""

    file: IO[bytes]
    name: str
    size: int
    sha256: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class BundlesApi:
    desk: Desk
    vault: Callable[[], Vault]
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {("POST", "/v1/evidence/{slug}/bundle"): self._bundle}

    async def _bundle(self, request: Request) -> Response:
        return await self.sent(request.path_params["slug"], carried(request, MakeBundle))

    async def sent(self, slug: str, body: MakeBundle) -> Response:
        async with self.turn:
            made = await run_in_threadpool(self.made, slug, body)
        headers = {
            "Content-Disposition": f'attachment; filename="{made.name}"',
            "Content-Length": str(made.size),
            SHA256: made.sha256,
            NUMBER: str(made.snapshot.number),
            FINGERPRINT: made.snapshot.fingerprint,
        }
        return Sent(made.file, headers)

    def made(self, slug: str, body: MakeBundle) -> Made:
        with tempfile.TemporaryDirectory(prefix="syncd-bundle-") as folder:
            kept, path = self._written(slug, body, Path(folder))
            file = path.open("rb")
        try:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return Made(file, path.name, size, digest, kept)

    def _written(self, slug: str, body: MakeBundle, folder: Path) -> tuple[Snapshot, Path]:
        if body.snapshot is not None:
            if body.model_fields_set & {"period", "pseudonyms"}:
                raise Misconfigured(
                    f"Snapshot {body.snapshot} is given again as it was answered; leave period and pseudonyms out."
                )
            kept = self.desk.snapshot(slug, body.snapshot)
            path = folder / f"evidence-{slug}-{kept.number}-excerpt.zip"
            excerpt(kept, path)
            return kept, path
        question = self.desk.question(slug, body.period, body.by)
        path = folder / f"evidence-{slug}-{question.window.end:%Y-%m-%d}.zip"
        return Maker(self.desk.db, self.vault(), self.desk.known).make(
            question, path, hides_names=body.pseudonyms
        ), path


class Sent(StreamingResponse):
    """Whoever asked may be gone before the first byte: then nobody has begun to read the file, and it is closed all the same."""

    def __init__(self, file: IO[bytes], headers: Mapping[str, str]) -> None:
        super().__init__(_pieces(file), headers=headers, media_type="application/zip")
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
