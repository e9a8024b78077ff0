"""`syncd evidence verify`: whether bundles are what was signed, and whether none of them is missing. It needs no network and no database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption
from syncd.cli.saying import say
from syncd.errors import Misconfigured

from .group import Account, evidence

_BY_THOSE_KEPT = "by the keys kept here, which whoever can write this database can replace"

if TYPE_CHECKING:
    from syncd.evidence.bundle.reading import Fault
    from syncd.evidence.bundle.verifying import Trusted, Verified


@evidence.command()
def verify(  # noqa: PLR0913, PLR0917  each is an option, or what every command takes
    bundles: Annotated[
        list[Path] | None,
        typer.Argument(help="Bundles; of several it is said also whether one is missing between them."),
    ] = None,
    key: Annotated[
        list[Path] | None, typer.Option(help="The public key in PEM, from whoever made it; may be given again.")
    ] = None,
    fingerprint: Annotated[
        list[str] | None, typer.Option(help="Or its fingerprint, by which the key in the bundle is known; likewise.")
    ] = None,
    chain: Annotated[
        Path | None,
        typer.Option(help="All bundles of this folder, from the first snapshot on: one that is missing is named."),
    ] = None,
    snapshots: Annotated[
        bool, typer.Option("--snapshots", help="The snapshots and pages in our own database, and bundles beside them.")
    ] = False,
    excerpts: Annotated[
        bool,
        typer.Option(
            "--excerpts", help="A report with its signed manifest is enough, as `bundle --snapshot` writes it."
        ),
    ] = False,
    integration: Account = "",
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Check bundles: that not one byte is otherwise than it was signed, and that none is missing. Exit 1 when something is wrong.

    A key inside a bundle proves nothing: the key, or its fingerprint, has to come by another way. Exit 0: all is as it was signed; 1: something
    is not, and is named; 2: no key, or a file that is none; 4: no such file.
    """
    from syncd.cli.output import form_of
    from syncd.evidence.bundle.chain import broken, link_of
    from syncd.evidence.bundle.verifying import verify as verified

    form_of(output)
    paths = [*(bundles or []), *_in(chain)]
    if not paths and not snapshots:
        raise Misconfigured("There is nothing to verify: name a bundle, a folder with --chain, or --snapshots.")
    trusted = _trusted(key or [], fingerprint or [], is_needed=bool(paths))
    found = [verified(path, trusted, takes_excerpts=excerpts) for path in paths]
    links = [link for one in found if (link := link_of(one)) is not None]
    faults = list(broken(links, is_whole=chain is not None))
    kept = 0
    if snapshots:
        kept, more = _kept(integration, found, trusted, config)
        faults += more
    by = f"by {' or '.join(trusted.names)}" if trusted.names else _BY_THOSE_KEPT
    _tell(found, faults, _Kept(kept, by) if snapshots else None, output)
    if faults or not all(one.is_good for one in found):
        raise typer.Exit(1)


def _in(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise Misconfigured(f"{folder} is no folder; --chain takes the one that bundles are kept in.")
    named = sorted(folder.glob("*.zip"))
    for one in named:
        if one.is_dir():
            say(f"{one} is a folder, and no bundle: it is left out.", err=True)
    found = [one for one in named if not one.is_dir()]
    if not found:
        raise Misconfigured(f"There is no *.zip in {folder}; --chain takes the folder that bundles are kept in.")
    return found


def _trusted(keys: list[Path], fingerprints: list[str], *, is_needed: bool) -> Trusted:
    from syncd.evidence.bundle.signing import public_in, spelt
    from syncd.evidence.bundle.verifying import Trusted

    if is_needed and not keys and not fingerprints:
        raise Misconfigured(
            "By which key? Give --key FILE or --fingerprint HEX, as whoever made the bundle has told it: a key inside a bundle proves nothing."
        )
    return Trusted(tuple(map(public_in, keys)), tuple(map(spelt, fingerprints)))


@dataclass(frozen=True, slots=True)
class _Kept:
    snapshots: int
    by: str  # which keys


def _kept(integration: str, found: list[Verified], trusted: Trusted, config: Path | None) -> tuple[int, list[Fault]]:
    """Bundles that were given have to be among what is kept: what was cut off at the end no chain tells."""
    from syncd.evidence.bundle.chain import of_database
    from syncd.evidence.bundle.reading import Fault

    from .asked import here

    with here(config) as asked:
        slug = asked.slug(integration) if integration else ""
        links, faults = of_database(asked.db, slug, trusted if trusted.names else None)
    known = {one.sha256 for one in links}
    for one in found:
        if one.manifest is not None and one.sha256 not in known:
            faults.append(
                Fault(
                    "chain",
                    "",
                    f"{one.path} is snapshot {one.manifest.number} of {one.manifest.account}, which is not kept here",
                )
            )
    return len(links), faults


def _tell(found: list[Verified], faults: list[Fault], kept: _Kept | None, output: str | None) -> None:
    from syncd.cli.output import is_for_people, show_one
    from syncd.evidence.bundle.verifying import summary

    if not is_for_people(output):
        chain = [{"kind": one.kind, "sentence": one.sentence} for one in faults]
        said: dict[str, Any] = {"bundles": [summary(one) for one in found], "chain": chain}
        is_good = not faults and all(one.is_good for one in found)
        show_one(
            {
                "good": is_good,
                **said,
                **({} if kept is None else {"snapshots": kept.snapshots, "snapshots_by": kept.by}),
            },
            output,
        )
        return
    for one in found:
        _tell_of(one)
    for fault in faults:
        say(f"! {fault.sentence}.")
    if kept is not None and not faults:
        say(f"{kept.snapshots} snapshots are kept here, each as it was signed ({kept.by}) and none missing.")


def _tell_of(one: Verified) -> None:
    for fault in one.faults:
        say(f"! {one.path}: {fault.sentence}.")
    manifest = one.manifest
    if manifest is None or not one.is_good:
        return
    files = "1 file" if one.files == 1 else f"{one.files} files"
    others = "1 other file is" if one.left_out == 1 else f"{one.left_out} other files are"
    excerpt = f"an excerpt: its report is as it was signed; the {others} not in it"
    say(
        f"{one.path}: {excerpt if one.is_excerpt else f'{files}, each as it was signed'}. Snapshot {manifest.number} of {manifest.account}, {manifest.window_start} to "
        f"{manifest.window_end}, made at {manifest.made_at} for {manifest.asked_by}; key {manifest.fingerprint}."
    )
