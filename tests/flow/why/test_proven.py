"""A name that nothing has, asked of several accounts: what each of them says is told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from syncd.core.why.proving import Proof, Proving, Thing
from syncd.core.why.verdict import Verdict, Who
from syncd.flow.why import proven
from syncd.flow.why.reference import Kind, Word


@dataclass(frozen=True)
class _Prover:
    proofs: Sequence[Proof]

    def about(self, things: Collection[Thing], name: str, within: Collection[str]) -> Sequence[Proof]:  # noqa: ARG002
        return self.proofs


def _not_in(account: str, gate: Proving = Proving.KNOWN) -> Proof:
    verdict = Verdict(gate, f"{account} had no service NOPE.", Who.YOU, f"Look in {account}.")
    return Proof(account, Thing.SERVICE, "NOPE", "NOPE", verdict, is_found=False)


def _told(*proofs: Proof) -> Proof | None:
    word = Word("service:NOPE", "NOPE", (Kind.SERVICE,), is_proof_told=True)
    return proven.of(word, _Prover(proofs), ())


def test_every_account_is_named() -> None:
    found = _told(_not_in("acme"), _not_in("beta", Proving.COLLECTED), _not_in("beta"))
    assert found is not None
    assert (found.account, found.verdict.gate) == ("beta", Proving.COLLECTED)
    assert found.verdict.sentence == "beta had no service NOPE. acme had no service NOPE."


def test_of_many_the_names_are_told() -> None:
    found = _told(*(_not_in(f"a{number}") for number in range(8)))
    assert found is not None
    assert found.verdict.sentence.endswith("a4 had no service NOPE. Nor is it found in 3 more accounts: a5, a6, a7.")
    assert _told() is None
