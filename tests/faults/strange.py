"""JSON that nothing honest sends: one place of a real document is given what no schema foresees, or its bytes are broken."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

_HERE = "@@here@@"

#: As they stand in the text, since no encoder would write them.
TOKENS = (
    *("null", "true", "false", "0", "-1", "1.5", "1e999", "-1e999", "NaN", "Infinity", "-Infinity", "1e-999", "-0"),
    *(
        "[]",
        "{}",
        '""',
        '"\\u0000"',
        '"a\\u0000b"',
        '"\\ud800"',
        '"\\udfff tail"',
        '"\\ud83d\\ude00"',
        '"\\\\"',
        '"\\"',
    ),
    *('"9999-12-31T23:59:59-12:00"', '"0001-01-01T00:00:00Z"', '"2026-02-30"', '"20261121T120000"', '"now"'),
    *('"incident.resolved"', '"pagey.ping"', '"syncd.look"', '"case.changed"', '"triggered"', '"closed"', '"P9"'),
    *('"' + letter * size + '"' for letter in ("a", "é", "😀") for size in (64, 256, 5000)),
    *("9" * digits for digits in (19, 20, 300, 4300, 4301, 20_000)),
    *("[" * depth + "]" * depth for depth in (1, 60, 63, 64, 65, 900, 20_000)),
    *('{"a":' * depth + "1" + "}" * depth for depth in (60, 64, 20_000)),
    *("[1,{}", "}", ",", "01", "+1", ".5", "'a'", "/*c*/1", "\x00", "\ufeff1", "undefined"),
)


def twisted(dice: random.Random, document: Any) -> bytes:  # noqa: ANN401  Any JSON.
    """The document after one to three changes."""
    body = json.dumps(document).encode()
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        body = dice.choices((_misplaced, _misspelt, _recoded), (8, 3, 1))[0](dice, body)
    return body


def _misplaced(dice: random.Random, body: bytes) -> bytes:
    """One value, wherever it stands, is another."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return body
    holder: Any = {"": document}
    name: Any = ""
    while isinstance(holder[name], dict | list) and holder[name] and dice.random() < 0.8:
        holder = holder[name]
        name = dice.choice(list(holder)) if isinstance(holder, dict) else dice.randrange(len(holder))
    return dice.choices((_replaced, _dropped, _doubled), (8, 1, 1))[0](dice, document, holder, name)


def _replaced(dice: random.Random, document: Any, holder: Any, name: Any) -> bytes:  # noqa: ANN401
    if name == "":
        return dice.choice(TOKENS).encode()
    holder[name] = _HERE
    return _written(document, dice.choice(TOKENS))


def _dropped(_: random.Random, document: Any, holder: Any, name: Any) -> bytes:  # noqa: ANN401
    del holder[name]
    return _written(document, "null")


def _doubled(dice: random.Random, document: Any, holder: Any, name: Any) -> bytes:  # noqa: ANN401
    """The same name twice in one object, with two values."""
    if not isinstance(name, str) or name == "":
        return _written(document, "null")
    kept, holder[name] = holder[name], _HERE
    return _written(document, f"{dice.choice(TOKENS)}, {json.dumps(name)}: {json.dumps(kept)}")


def _written(document: object, token: str) -> bytes:
    text = json.dumps(document, ensure_ascii=False)
    return text.replace(f'"{_HERE}"', token).encode(errors="surrogatepass")


def _misspelt(dice: random.Random, body: bytes) -> bytes:
    """A byte is changed, put in, taken out, or the rest is missing."""
    if not body:
        return b"\x00"
    at = dice.randrange(len(body))
    byte = dice.choice((b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b'"', b"\\", b"{", b"[", b"}", b",", b"\n", b"9"))
    return dice.choice(
        (body[:at] + byte + body[at + 1 :], body[:at] + byte + body[at:], body[:at] + body[at + 1 :], body[:at])
    )


_CODINGS: tuple[Callable[[bytes], bytes], ...] = (
    lambda body: b"\xef\xbb\xbf" + body,
    lambda body: body.decode("latin-1").encode("utf-16"),
    lambda body: body.decode("latin-1").encode("utf-32-le"),
    lambda body: body.replace(b'"', b"'"),
    lambda body: b" " * 5000 + body + b"\n" * 5000,
    lambda body: body + body,
    lambda _: b"",
)


def _recoded(dice: random.Random, body: bytes) -> bytes:
    return dice.choice(_CODINGS)(body)
