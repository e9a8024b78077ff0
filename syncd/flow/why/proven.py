"""What evidence has to say to a word by which no change is known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from syncd.core.why.proving import Proof, Prover
from syncd.errors import Conflict
from syncd.store.cases import number_in

from .reference import Word

_NAMED = 4  # other accounts, with what they say


def of(word: Word, prover: Prover, within: Collection[str]) -> Proof | None:
    """The one that is called so. Of one that is called so nowhere, where somebody has said what it is: why it may not be there, by the
    account in which that is known first.
    """
    if (
        not word.name or not word.things or number_in(word.name) is not None
    ):  # The key of a case is nothing else's name.
        return None
    proofs = prover.about(word.things, word.name, within)
    found = [one for one in proofs if one.is_found]
    if len(found) > 1:
        names = ", ".join(f"{one.means} in {one.account}" for one in found)
        raise Conflict(f"{word.given} may mean {len(found)} things here ({names}); name one of them.")
    if found:
        return found[0]
    return _of_all(proofs) if proofs and word.is_proof_told else None


def _of_all(proofs: Sequence[Proof]) -> Proof:
    """With what every other account says: it may be meant there."""
    ordered = sorted(proofs, key=lambda one: int(one.verdict.gate))
    of_each: dict[str, Proof] = {}
    for one in ordered:
        of_each.setdefault(one.account, one)
    first, *others = of_each.values()
    said = [one.verdict.sentence for one in (first, *others[:_NAMED])]
    if len(others) > _NAMED:
        said.append(
            f"Nor is it found in {len(others) - _NAMED} more accounts: {', '.join(one.account for one in others[_NAMED:])}."
        )
    return replace(first, verdict=replace(first.verdict, sentence=" ".join(said)))
