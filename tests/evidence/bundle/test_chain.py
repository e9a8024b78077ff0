"""Bundles follow one another: one that was removed, or put in another's place, is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.evidence.bundle.chain import broken, link_of
from syncd.evidence.bundle.manifest import sha256
from syncd.evidence.bundle.reading import Fault
from syncd.evidence.bundle.signing import Signer
from syncd.evidence.bundle.verifying import Trusted, verify

from .sealed import SIGNER, TRUSTED, chain, manifest_in, small


def faults(paths: list[Path], trusted: Trusted = TRUSTED, *, is_whole: bool = True) -> list[Fault]:
    found = [verify(path, trusted) for path in paths]
    return list(broken((link for one in found if (link := link_of(one))), is_whole=is_whole))


def test_a_whole_chain_is_good_in_whatever_order_it_is_given(tmp_path: Path) -> None:
    paths = chain(tmp_path, 5)
    assert faults(paths) == []
    assert faults(paths[::-1]) == []
    assert faults([*paths, paths[2]]) == []


@pytest.mark.parametrize(
    ("left_out", "says"),
    [
        ({2}, "Snapshot 2 of acme (inc) is missing before"),
        ({2, 3}, "Snapshots 2 to 3 of acme (inc) are missing before"),
        ({1}, "Snapshot 1 of acme (inc) is missing before"),
    ],
)
def test_one_that_was_removed_is_named(tmp_path: Path, left_out: set[int], says: str) -> None:
    rest = [one for one in chain(tmp_path, 5) if int(one.stem) not in left_out]
    (fault,) = faults(rest)
    assert (fault.kind, fault.sentence.startswith(says)) == ("chain", True)


def test_of_some_that_were_picked_only_what_lies_between_them_can_be_missing(tmp_path: Path) -> None:
    paths = chain(tmp_path, 5)
    assert faults(paths[2:4], is_whole=False) == []
    assert len(faults([paths[1], paths[3]], is_whole=False)) == 1


def test_one_that_follows_another_than_is_there_is_named(tmp_path: Path) -> None:
    first, second, third = chain(tmp_path, 3)
    other = tmp_path / "other.zip"
    other.write_bytes(small(2, sha256(manifest_in(first.read_bytes())), files={"rules.json": b"otherwise"}))
    (fault,) = faults([first, other, third])
    assert "3.zip (number 3) follows another snapshot than the one that is there" in fault.sentence
    (fault, *_) = faults([first, second, other, third])
    assert "has two snapshots 2" in fault.sentence


def test_accounts_are_told_apart_and_keys_may_change(tmp_path: Path) -> None:
    paths = chain(tmp_path, 2)
    beta = tmp_path / "beta.zip"
    beta.write_bytes(small(1, account="beta"))
    assert faults([*paths, beta]) == []
    new = Signer.made()
    last = tmp_path / "3.zip"
    last.write_bytes(small(3, sha256(manifest_in(paths[1].read_bytes())), key=new))
    assert faults([*paths, last], Trusted((SIGNER.public, new.public))) == []


def test_what_is_not_signed_is_no_link(tmp_path: Path) -> None:
    forged = tmp_path / "forged.zip"
    forged.write_bytes(small(2, key=Signer.made()))
    assert link_of(verify(forged, TRUSTED)) is None
