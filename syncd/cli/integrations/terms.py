"""What is asked of whoever connects an account: consent to its data being processed, and in which directions it is synced."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say

if TYPE_CHECKING:
    from syncd.connections.joining.terms import Terms

Consent = Annotated[
    bool, typer.Option("--consent", help="PagerDuty: you consent to the account's data being processed by syncd.")
]
TwoWay = Annotated[
    bool | None,
    typer.Option(
        "--two-way/--one-way",
        help="PagerDuty: whether what happens there changes cases too. One-way when left out and nobody can be asked.",
    ),
]
ReadOnly = Annotated[
    bool, typer.Option("--read-only", help="PagerDuty: never write there; a key that may only read will do.")
]


ActAsPerson = Annotated[
    bool,
    typer.Option(
        "--act-as-person",
        help="PagerDuty: write what people change on cases in their own names, where they have a user there.",
    ),
]
GivesEvidence = Annotated[
    bool,
    typer.Option("--evidence", help="PagerDuty: collect evidence from it; with --read-only a key that reads will do."),
]


def agreed_terms(
    by: str, *, consent: bool, is_two_way: bool | None, is_read_only: bool, acts_as_person: bool = False
) -> Terms:
    from syncd.connections.joining.terms import PROCESSED, Terms

    if not consent:
        consent = _asked(f"{PROCESSED} Do you consent?")
    if is_two_way is None:
        is_two_way = _asked("Shall what people do in PagerDuty change cases too (two-way sync)?")
    terms = Terms(by, consent, is_two_way, is_read_only, acts_as_person)
    terms.refuse_without_consent()
    return terms


def _asked(question: str) -> bool:
    """Where nobody can be asked the answer is no."""
    if not sys.stdin.isatty():
        return False
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:  # Ctrl-C: nothing was found and nothing was done.
        raise typer.Exit(130) from None


def tell_what_to_click(hooks: str) -> None:
    """Before the key is asked for: who has to fetch it first reads where."""
    for line in (
        "In PagerDuty: Integrations, API Access Keys, Create New API Key; leave Read-only cleared, and copy the key.",
        f"PagerDuty's webhooks go to {hooks}.",
    ):
        say(line, err=True)
