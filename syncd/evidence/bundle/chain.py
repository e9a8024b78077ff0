"""Whether snapshots follow one another without a hole: each manifest has the digest of the one before, so one that was removed is named."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256 as digest_of

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from syncd.evidence.report.plain import settled
from syncd.store.columns import storable
from syncd.store.database import Database
from syncd.store.evidence import pages, signing_keys, snapshots
from syncd.store.evidence.leaving import is_left_of
from syncd.store.evidence.signing_keys import SIGNING
from syncd.store.evidence.snapshots import Snapshot

from .archive import unpacked
from .contents import REPORT
from .manifest import Manifest, NoManifest, read, sha256
from .reading import Fault
from .signing import fingerprint, is_signed, read_public
from .verifying import Trusted, Verified

#: What a snapshot's row says of itself, beside what is compared byte by byte; moments in whole seconds, as a manifest has them.
_ROW = (
    "integration",
    "number",
    "previous",
    "fingerprint",
    "asked_by",
    "made_at",
    "known_at",
    "window_start",
    "window_end",
)


@dataclass(frozen=True, slots=True)
class Link:
    """One snapshot of an account."""

    account: str
    number: int
    sha256: str
    previous: str
    called: str  # for people: a file, or a number


def link_of(one: Verified) -> Link | None:
    """None: nothing it says can be believed."""
    manifest = one.manifest
    if manifest is None:
        return None
    account = f"{manifest.account} ({manifest.subdomain})" if manifest.subdomain else manifest.account
    return Link(account, manifest.number, one.sha256, manifest.previous, one.path)


def broken(links: Iterable[Link], *, is_whole: bool) -> Iterator[Fault]:
    """`is_whole`: they are all there are, so that the first has to be among them."""
    accounts: dict[str, list[Link]] = {}
    for one in links:
        accounts.setdefault(one.account, []).append(one)
    for account, members in sorted(accounts.items()):
        yield from _of_account(account, sorted(members, key=lambda one: (one.number, one.called)), is_whole=is_whole)


def _of_account(account: str, links: Sequence[Link], *, is_whole: bool) -> Iterator[Fault]:
    before: Link | None = None
    for one in links:
        if before is not None and one.number == before.number:
            if one.sha256 != before.sha256:
                yield Fault("chain", "", f"{account} has two snapshots {one.number}: {before.called} and {one.called}")
            continue
        expected = before.number + 1 if before is not None else 1 if is_whole else one.number
        if one.number > expected:
            yield Fault(
                "chain", "", f"{_numbers(account, expected, one.number - 1)} before {one.called} (number {one.number})"
            )
        elif one.previous != (before.sha256 if before is not None else one.previous if not is_whole else ""):
            yield Fault(
                "chain", "", f"{one.called} (number {one.number}) follows another snapshot than the one that is there"
            )
        before = one


def _numbers(account: str, first: int, last: int) -> str:
    return (
        f"Snapshot {first} of {account} is missing"
        if first == last
        else f"Snapshots {first} to {last} of {account} are missing"
    )


def of_database(db: Database, slug: str = "", trusted: Trusted | None = None) -> tuple[list[Link], list[Fault]]:
    """Every snapshot that is kept here: its digest, its signature, its report, and what it says of the one before; and every page. Only by
    the keys that somebody has brought; without them by those that are kept beside it.
    """
    links: list[Link] = []
    faults: list[Fault] = []
    with db.read() as tx:
        keys = _Keys({one.fingerprint: one.public_key for one in signing_keys.all_of(tx, SIGNING)}, trusted)
        for one in snapshots.in_order(tx, slug):
            faults += _faults_of(one, keys)
            called = f"snapshot {one.number} of {one.integration}"
            links.append(Link(one.integration, one.number, one.sha256, one.previous, called))
        faults += [Fault("page", "", one) for one in pages.altered(tx, slug)]
    return links, [*faults, *broken(links, is_whole=True)]


@dataclass(frozen=True, slots=True)
class _Keys:
    kept: Mapping[str, str]  # whole, by their fingerprints
    trusted: Trusted | None

    def of(self, named: str) -> Ed25519PublicKey | None:
        """The one of this fingerprint, if it is to be trusted; a key that is kept under another one's fingerprint is none."""
        brought = () if self.trusted is None else self.trusted.keys
        kept = read_public(self.kept.get(named, "").encode())
        if self.trusted is not None and named not in self.trusted.fingerprints:
            kept = None
        return next((one for one in (*brought, kept) if one is not None and fingerprint(one) == named), None)

    def why_not(self, named: str) -> str:
        if self.trusted is None:
            return f"{named}, a key that is not kept here"
        return f"{named}, and the key to verify it with is {' or '.join(self.trusted.names)}"


def _faults_of(one: Snapshot, keys: _Keys) -> Iterator[Fault]:
    called = f"snapshot {one.number} of {one.integration}"
    public = keys.of(one.fingerprint)
    if public is None:
        yield Fault("key", "", f"{called} is signed with {keys.why_not(one.fingerprint)}")
    elif not is_signed(public, one.signature, one.manifest) or sha256(one.manifest) != one.sha256:
        yield Fault("signature", "", f"the manifest of {called}, or its signature, was changed")
        return
    try:
        manifest = read(one.manifest)
    except NoManifest as no:
        yield Fault("manifest", "", f"the manifest of {called} cannot be read: {no}")
        return
    otherwise = sorted(_told_otherwise(one, manifest))
    if otherwise:
        said = f"the row of {called} says otherwise than its manifest: {', '.join(otherwise)}"
        yield Fault("changed", "", said)
    written = manifest.file(REPORT)
    if written is None or _digest(one.report) != written.sha256:
        yield Fault("changed", REPORT, f"the report of {called} was changed")


def _told_otherwise(one: Snapshot, manifest: Manifest) -> set[str]:
    """The columns in which it does. A manifest without names has another for whoever asked, which nobody can compare without its key."""
    row = {name: settled(getattr(one, name)) for name in _ROW}
    signed = {name: getattr(manifest, name, None) for name in _ROW}
    account = one.integration if is_left_of(one.integration, manifest.account) else manifest.account
    signed |= {"integration": account, "asked_by": storable(manifest.asked_by)}
    left_out = {"asked_by"} if manifest.has_pseudonyms else set()
    return {name for name in _ROW if row[name] != signed[name]} - left_out


def _digest(report: bytes) -> str:
    try:
        return digest_of(unpacked(report)).hexdigest()
    except zlib.error:
        return ""
