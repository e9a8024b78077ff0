"""What evidence has to say to a word by which no change is known."""

from __future__ import annotations

from collections.abc import Collection

from syncd.core.why.proving import Proof, Prover
from syncd.errors import Conflict
from syncd.store.cases import number_in

from .reference import Word


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
    return min(proofs, key=lambda one: int(one.verdict.gate), default=None) if word.is_proof_told else None
