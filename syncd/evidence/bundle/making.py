"""Making a bundle: every file goes by once, the manifest is signed, the snapshot is kept, and only then the file takes its place.

Whoever dies on the way leaves a file with another name, or a snapshot whose bundle was never given: never half a bundle.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from syncd.connections.vault import Vault
from syncd.errors import Misconfigured
from syncd.evidence.answering import Question, answer
from syncd.evidence.collecting.digests import digest_of
from syncd.evidence.facts.account import Facts
from syncd.evidence.known import Known, pages_for
from syncd.evidence.pseudonyms import Pseudonyms, masked, masked_report, people_in
from syncd.evidence.report.plain import Plain, canonical, plain
from syncd.store.database import Database, Tx
from syncd.store.evidence import snapshots
from syncd.store.evidence.pages import RawPage
from syncd.store.evidence.snapshots import Snapshot

from .archive import Archive, Nowhere, Written, packed, unpacked
from .contents import REPORT, files
from .keys import pseudonym_key, signer
from .layout import MANIFEST, SIGNATURE
from .manifest import Manifest, sha256
from .signing import Signer

Progress = Callable[[str, int], None]  # a file's name, and how many of its bytes have gone by


_OURS: set[Path] = set()  # that this process is writing
_PART = re.compile(r"\..+\.(?P<pid>[0-9]{1,10})\.part")


def untold(_name: str, _size: int) -> None:
    """Nobody looks on."""


@dataclass(frozen=True, slots=True)
class Maker:
    db: Database
    vault: Vault
    known: Known

    def make(
        self, question: Question, to: Path | None, *, hides_names: bool = False, tell: Progress = untold
    ) -> Snapshot:
        """`to` nowhere: the snapshot alone is kept, with the digests of all that a bundle would have."""
        key = signer(self.db, self.vault)
        with _place(to) as place:
            archive = Archive(place)
            report, written = self._contents(archive, question, tell, hides=hides_names)
            with self.db.write() as tx:
                snapshots.hold(tx)
                kept = _snapshot(tx, question, report, written, key, hides_names=hides_names)
                archive.add(MANIFEST, (kept.manifest,))
                archive.add(SIGNATURE, (kept.signature,))
                archive.close()
                _settle(place)
                snapshots.add(tx, kept)
        return kept

    def _contents(
        self, archive: Archive, question: Question, tell: Progress, *, hides: bool
    ) -> tuple[Plain, list[Written]]:
        with self.db.read() as tx:
            facts, report, names = self._answer(tx, question, hides=hides)
            found = files(facts, report, self._pages(tx, question), names)
            written = [archive.add(name, _told(name, pieces, tell)) for name, pieces in found]
        return report, written

    def _answer(self, tx: Tx, question: Question, *, hides: bool) -> tuple[Facts, Plain, Pseudonyms | None]:
        if not hides:
            facts, report = answer(tx, self.known, question)
            return facts, plain(report), None
        names = self._pseudonyms(tx, question)
        facts, report = answer(tx, self.known, question, lambda found: masked(found, names))
        return facts, masked_report(plain(report), names), names

    def _pseudonyms(self, tx: Tx, question: Question) -> Pseudonyms:
        """Pages name people whom the list of users has no more, so they are looked through first."""
        users = self.known.facts(tx, question.slug, question.window, question.known_at).users.rows
        ids = {one.address: one.id for one in users if one.address}

        def user_of(address: str) -> str:
            return ids.get(digest_of(self.db, self.vault)(address), "") if ids else ""

        names = Pseudonyms(pseudonym_key(self.db, self.vault), {one.id: one.name for one in users}, user_of)
        for page in self._pages(tx, question):
            for who, name in people_in(page.body):
                names.learn(who, name)
        return names

    def _pages(self, tx: Tx, question: Question) -> Iterator[RawPage]:
        return pages_for(self.known, tx, question.slug, question.window, question.known_at, question.made_at)


def _told(name: str, pieces: Iterable[bytes], tell: Progress) -> Iterator[bytes]:
    for piece in pieces:
        tell(name, len(piece))
        yield piece


def _snapshot(
    tx: Tx, question: Question, report: Plain, written: list[Written], key: Signer, *, hides_names: bool
) -> Snapshot:
    before = snapshots.newest(tx, question.slug)
    manifest = Manifest(
        account=question.slug,
        subdomain=question.subdomain,
        number=1 if before is None else before.number + 1,
        previous="" if before is None else before.sha256,
        window_start=report["window"]["start"],
        window_end=report["window"]["end"],
        known_at=report["known_at"],
        made_at=report["made_at"],
        asked_by=report["asked_by"],
        version=report["tool"]["version"],
        has_pseudonyms=hides_names,
        fingerprint=key.fingerprint,
        public_key=key.pem,
        files=tuple(written),
    )
    signed = manifest.written()
    return Snapshot(
        integration=question.slug,
        number=manifest.number,
        known_at=question.known_at,
        window_start=question.window.start,
        window_end=question.window.end,
        made_at=question.made_at,
        asked_by=question.asked_by,
        fingerprint=key.fingerprint,
        manifest=signed,
        sha256=sha256(signed),
        previous=manifest.previous,
        signature=key.sign(signed),
        report=packed(canonical(report)),
    )


def report_in(kept: Snapshot) -> Plain:
    """As it was given."""
    found: Plain = json.loads(unpacked(kept.report))
    return found


def excerpt(kept: Snapshot, to: Path) -> None:
    """What proves a snapshot whose bundle was never given, or is lost: its signed manifest, and the report."""
    with _place(to) as place:
        archive = Archive(place)
        archive.add_packed(REPORT, kept.report)
        archive.add(MANIFEST, (kept.manifest,))
        archive.add(SIGNATURE, (kept.signature,))
        archive.close()


@contextmanager
def _place(to: Path | None) -> Iterator[IO[bytes] | Nowhere]:
    """Beside its place until it is whole; whatever breaks off, Ctrl-C as well, leaves what stood there before and nothing else."""
    if to is None:
        yield Nowhere()
        return
    part = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        _clear(to.parent)
        _OURS.add(part)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        part.replace(to)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Misconfigured(f"{to} cannot be written ({error.strerror}); name another file with -O.") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    finally:
        _OURS.discard(part)


def _clear(folder: Path) -> None:
    """Of bundles that were killed. One whose process is alive, here or where the folder is shared, is held by it."""
    for one in folder.glob(".*.part"):
        named = _PART.fullmatch(one.name)
        if named is None or one in _OURS or not one.is_file() or _is_somebody(int(named["pid"])):
            continue
        with one.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            one.unlink(missing_ok=True)


def _is_somebody(pid: int) -> bool:
    """Another process of this machine. One of a container that was ended had, as often as not, the number that we have now."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return pid != os.getpid()


def _settle(place: IO[bytes] | Nowhere) -> None:
    """A snapshot says that its bundle was given, so that one has to be there after a power cut too."""
    if not isinstance(place, Nowhere):
        place.flush()
        os.fsync(place.fileno())
