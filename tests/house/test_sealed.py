"""Every field that is sealed is declared a secret or open, so that none is shown for want of thinking of it, and no word is masked."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from syncd.connections.grant import Grant
from syncd.connections.joining.terms import Terms
from syncd.connections.oauth.wanted import Wanted
from syncd.connections.secrecy import OPEN, SECRET
from syncd.systems.pagerduty.oauth import Client, Kind

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_CLIENT = Client(Kind.APP, "id", "secret")
#: Whatever else is sealed is a dict that is written out where it is made.
MADE = {
    "it.sealable()": Wanted(
        "acme", _CLIENT, "", "", terms=Terms("Ana", has_consented=True, is_two_way=True)
    ).sealable(),
    "new.credentials()": Grant(_CLIENT, "", "", NOON, NOON).credentials(),
    "Grant.begun(it.client, given, now, it.account).credentials()": Grant(_CLIENT, "", "", NOON, NOON).credentials(),
}
#: Handed on as it was made, or as it was unsealed.
HANDED_ON = {"credentials", "new.credentials", "account.credentials", "plain"}


def _sealed() -> Iterator[ast.expr]:
    for path in ROOT.glob("syncd/connections/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("vault.seal"):
                yield node.args[1]
            elif (isinstance(node, ast.keyword) and node.arg == "credentials") or (
                isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "credentials"
            ):
                yield node.value


def test_every_field_is_declared_one_way() -> None:
    found: set[str] = set()
    for it in _sealed():
        written = ast.unparse(it)
        if isinstance(it, ast.Dict):
            found |= {ast.literal_eval(key) for key in it.keys if key is not None}
        elif written in MADE:
            found |= MADE[written].keys()
        elif not _is_read(it):
            assert written in HANDED_ON, f"{written} is sealed, and this test does not know which fields it has"
    assert {"secret", "routing_key", "api_key", "token", "verifier"} <= found, "what is sealed is found"
    assert sorted(found - SECRET - OPEN) == []
    assert sorted((SECRET | OPEN) - found) == [], "what nobody seals any more"
    assert sorted(SECRET & OPEN) == []


def _is_read(it: ast.expr) -> bool:
    """It comes out of the vault."""
    return isinstance(it, ast.Call) and ast.unparse(it.func) in {
        "self._opened_of",
        "self.credentials",
        "setup.credentials",
    }
