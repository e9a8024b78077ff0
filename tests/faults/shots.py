"""Requests at a receiver, each made from a seed and its number alone, so that any of them can be made and sent once more."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.faults.strange import twisted

PAGERDUTY, DESK = "pd", "desk"
SECRET, DESK_SECRET = (
    "a secret of PagerDuty's, taken as text",
    "whsec_" + base64.b64encode(b"a secret of the case desk").decode(),
)
_WRONG = "somebody else's secret, as long as ours"

Header = tuple[bytes, bytes]


class Due(StrEnum):
    TAKEN = "a 2xx"
    REFUSED = "a 4xx"
    NOTHING_BAD = "a 4xx, a closed connection, or a 2xx for what was signed"


@dataclass(frozen=True, slots=True)
class Shot:
    number: int
    kind: str
    due: Due
    raw: bytes = field(repr=False)
    signed: bytes | None = field(default=None, repr=False)  # the body that a right secret has signed
    is_whole: bool = True  # another may follow on its connection
    is_abrupt: bool = False  # the connection is reset behind it


@dataclass(slots=True)
class _Draft:
    """A right request, before anything is done to it."""

    dice: random.Random
    source: str
    body: bytes
    headers: list[Header]

    @property
    def path(self) -> bytes:
        return b"/hooks/" + self.source.encode()

    def raw(
        self, *, length: bytes | None = None, framing: Sequence[Header] | None = None, body: bytes | None = None
    ) -> bytes:
        body = self.body if body is None else body
        announced = [(b"Content-Length", str(len(body)).encode() if length is None else length)]
        lines = [b"POST " + self.path + b" HTTP/1.1", b"Host: here"]
        lines += [name + b": " + value for name, value in (*(announced if framing is None else framing), *self.headers)]
        return b"\r\n".join([*lines, b"", b""]) + body


class Armoury:
    """`documents` are real events by source, and are not changed."""

    def __init__(self, seed: int, documents: Mapping[str, Sequence[str]]) -> None:
        self.seed, self._documents = seed, documents

    def shot(self, number: int) -> Shot:
        dice = random.Random(f"{self.seed}/{number}")  # noqa: S311  To be repeated.
        kind = dice.choices(_KINDS, _WEIGHTS)[0]
        return kind(self, number, dice)

    def fair(self, number: int) -> Shot:
        """One of an honest sender."""
        return _plain(self, number, random.Random(f"{self.seed}/{number} fair"))  # noqa: S311

    def draft(self, number: int, dice: random.Random, *, is_twisted: bool = False) -> _Draft:
        source = dice.choices((PAGERDUTY, DESK), (4, 1))[0]
        document = json.loads(dice.choice(self._documents[source]))
        if source == PAGERDUTY:
            document["event"]["id"] = f"E{self.seed}-{number}"
        body = twisted(dice, document) if is_twisted else json.dumps(document).encode()
        return _Draft(dice, source, body, signed(source, body, f"msg_{self.seed}_{number}"))


def signed(source: str, body: bytes, message_id: str, secret: str = "") -> list[Header]:
    """By the two standards' own words, without any code of ours."""
    if source == PAGERDUTY:
        mac = hmac.new((secret or SECRET).encode(), body, hashlib.sha256).hexdigest().encode()
        return [(b"X-PagerDuty-Signature", b"v1=" + mac)]
    key = secret.encode() if secret else base64.b64decode(DESK_SECRET.removeprefix("whsec_"))
    stamp = str(int(time.time())).encode()
    mac = hmac.new(key, message_id.encode() + b"." + stamp + b"." + body, hashlib.sha256).digest()
    signature = b"v1," + base64.b64encode(mac)
    return [(b"webhook-id", message_id.encode()), (b"webhook-timestamp", stamp), (b"webhook-signature", signature)]


def _plain(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    draft = armoury.draft(number, dice)
    return Shot(number, "as it should be", Due.TAKEN, draft.raw(), draft.body)


def _twisted(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    draft = armoury.draft(number, dice, is_twisted=True)
    return Shot(number, "signed, and not what is sent", Due.TAKEN, draft.raw(), draft.body)


def _again(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    earlier = max(0, number - dice.randrange(1, 50))
    then = random.Random(f"{armoury.seed}/{earlier}")  # noqa: S311  As it was drawn then, to the byte.
    then.choices(_KINDS, _WEIGHTS)
    draft = armoury.draft(earlier, then)
    return Shot(number, "sent before", Due.TAKEN, draft.raw(), draft.body)


def _bit(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    """One character of the signature's own digits, or one more or fewer of them."""
    draft = armoury.draft(number, dice)
    name, value = draft.headers[-1]
    at = dice.randrange(3, len(value) - 2)
    other = dice.choice([one for one in b"0123456789abcdef" if one != value[at]])
    digits = dice.choice(
        (value[:at] + bytes([other]) + value[at + 1 :], value[:at], value + b"0", value[:3] + value[4:])
    )
    draft.headers[-1] = (name, digits)
    return Shot(number, "another signature", Due.REFUSED, draft.raw())


def _wrong_secret(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    draft = armoury.draft(number, dice)
    draft.headers = signed(draft.source, draft.body, f"msg_{number}", _WRONG)
    return Shot(number, "another secret", Due.REFUSED, draft.raw())


def _other_body(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    """Signed, and changed afterwards."""
    draft = armoury.draft(number, dice)
    before, at = draft.body, dice.randrange(len(draft.body))
    draft.body = dice.choice(
        (before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :], before + b" ", before[:at], b" " + before)
    )
    return Shot(number, "another body", Due.REFUSED, draft.raw())


_NO_SIGNATURES = (
    b"",
    b"v1=",
    b"v1,",
    b"v1",
    b"v0=0",
    b"v1=" + b"0" * 64,
    b"\xff\xfe",
    b"v1=\xc3\xa9" * 30,
    b"," * 4000,
    b"v1=" * 3000,
)


def _no_signature(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    draft = armoury.draft(number, dice)
    name = draft.headers[-1][0]
    given = dice.choice((None, *_NO_SIGNATURES))
    draft.headers[-1:] = [] if given is None else [(name, given)]
    return Shot(number, "no signature", Due.REFUSED, draft.raw())


def _doubled(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    """A right signature and another one under the same name, either first."""
    draft = armoury.draft(number, dice)
    name, value = draft.headers.pop()
    both = [(name, value), (name.swapcase(), value[:3] + b"A" * 44)]
    dice.shuffle(both)
    draft.headers += both
    return Shot(number, "two signatures", Due.TAKEN, draft.raw(), draft.body)


def _both_wrong(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    """Each half of a right signature is none."""
    draft = armoury.draft(number, dice)
    name, value = draft.headers.pop()
    draft.headers += [(name, value[:20]), (name, value[:3] + value[20:])]
    return Shot(number, "two halves of a signature", Due.REFUSED, draft.raw())


def _case(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    draft = armoury.draft(number, dice)
    draft.headers = [
        (bytes(dice.choice((one, one ^ 32)) if chr(one).isalpha() else one for one in name), value)
        for name, value in draft.headers
    ]
    draft.headers += [(b"X-Other", b"\xe9\xff\x80 \xc3\xa9"), (b"X-Other", b"")]
    return Shot(number, "names in other letters", Due.TAKEN, draft.raw(), draft.body)


def _chunked(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    draft = armoury.draft(number, dice)
    size = dice.choice((1, 7, 100, 5000))
    extension = dice.choice((b"", b";a=b", b';a="b"'))
    chunks = [draft.body[at : at + size] for at in range(0, len(draft.body), size)]
    sent = (
        b"".join(b"%x%b\r\n%b\r\n" % (len(one), extension, one) for one in chunks)
        + b"0\r\n"
        + dice.choice((b"", b"T: a\r\n"))
        + b"\r\n"
    )
    raw = draft.raw(framing=[(b"Transfer-Encoding", b"chunked")], body=sent)
    return Shot(number, "in chunks", Due.TAKEN, raw, draft.body)


_LENGTHS = (
    b"0",
    b"1",
    b"-1",
    b"+5",
    b"0x10",
    b"5 5",
    b"5,5",
    b"",
    b"99999999999999999999",
    b"10000000",
    b"\xb2",
    b"1e3",
    b"00000000000000000000001",
)


def _length(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    """An announcement that lies, or none that can be read, or two."""
    draft = armoury.draft(number, dice)
    right = len(draft.body)
    lie = dice.choice((*_LENGTHS, str(right - 1).encode(), str(right + 1).encode(), str(right + 999).encode()))
    twice = [(b"Content-Length", str(right).encode()), (b"Content-Length", lie)]
    framing = dice.choice(([(b"Content-Length", lie)], twice, [*twice[:1], (b"Transfer-Encoding", b"chunked")]))
    return Shot(number, "a length that lies", Due.NOTHING_BAD, draft.raw(framing=framing), draft.body, is_whole=False)


_CHUNKS = (
    b"ffffffffffffffffff\r\n",
    b"-1\r\n",
    b"g\r\n",
    b"5\r\nab",
    b"\r\n",
    b"5;" + b"a" * 70_000,
    b"0\r\n" + b"T: a\r\n" * 300,
    b"1\r\na\r\n" * 3000,
    b"5\r\nabcdefgh\r\n",
)


def _bad_chunks(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    draft = armoury.draft(number, dice)
    coding = dice.choice((b"chunked", b"chunked", b"Chunked", b"gzip, chunked", b"chunked, identity", b"x"))
    raw = draft.raw(framing=[(b"Transfer-Encoding", coding)], body=dice.choice(_CHUNKS))
    return Shot(number, "chunks that are none", Due.NOTHING_BAD, raw, is_whole=False)


def _header(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    """Lines that are folded, nameless, endless, too many, or hold what no header does."""
    draft = armoury.draft(number, dice)
    name, value = draft.headers[-1]
    lines: tuple[list[Header], ...] = (
        [(name, value[:9] + b"\r\n " + value[9:])],
        [(name, b"\r\n\t" + value)],
        [(name + b" ", value)],
        [(b"", b"x"), (name, value)],
        [(b"X-\xc3\xa9", b"x"), (name, value)],
        [(b"X", b"\x00"), (name, value)],
        [(b"X", b"a\rb"), (name, value)],
        [(b"X", b"a\nY: b"), (name, value)],
        [(b"X" + str(one).encode(), b"y") for one in range(200)],
        [(b"X", b"y" * 70_000), (name, value)],
        [(b"Connection", b"upgrade"), (b"Upgrade", b"websocket"), (name, value)],
        [(b"Expect", b"100-continue"), (name, value)],
        [(b"Connection", b"close"), (name, value)],
    )
    draft.headers[-1:] = dice.choice(lines)
    return Shot(number, "lines that are no headers", Due.NOTHING_BAD, draft.raw(), draft.body, is_whole=False)


def _torn(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    """Its sender vanishes somewhere in the middle."""
    draft = armoury.draft(number, dice)
    raw = draft.raw()
    raw = raw[: dice.randrange(1, len(raw))]
    return Shot(number, "torn", Due.REFUSED, raw, is_whole=False, is_abrupt=dice.random() < 0.7)


def _noise(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    """Any bytes of the whole request are others."""
    draft = armoury.draft(number, dice)
    raw = bytearray(draft.raw())
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(raw))
        raw[at : at + dice.randrange(2)] = dice.choice(
            (b"\x00", b"\r\n", b" ", b":", b"\xff", bytes([dice.randrange(256)]), b"")
        )
    return Shot(number, "noise", Due.NOTHING_BAD, bytes(raw), draft.body, is_whole=False)


_ELSEWHERE = (
    b"/hooks/nobody",
    b"/hooks/PD",
    b"/hooks/" + b"a" * 3000,
    b"/hooks/%00",
    b"/hooks/%ff%fe",
    b"/hooks/pd%2f",
    b"/hooks/",
    b"/hooks/pd/x",
    b"//hooks/pd",
    b"/hooks/pd;x",
    b"/hooks/..",
    b"/HOOKS/pd",
)


def _elsewhere(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    draft = armoury.draft(number, dice)
    raw = draft.raw().replace(b" " + draft.path + b" ", b" " + dice.choice(_ELSEWHERE) + b" ", 1)
    return Shot(number, "to nobody", Due.REFUSED, raw, is_whole=False)


def _method(armoury: Armoury, number: int, dice: random.Random) -> Shot:
    draft = armoury.draft(number, dice)
    raw = draft.raw().replace(
        b"POST", dice.choice((b"GET", b"PUT", b"DELETE", b"TRACE", b"CONNECT", b"PRI", b"post", b"")), 1
    )
    return Shot(number, "by another method", Due.REFUSED, raw, is_whole=False)


_WEIGHED: Mapping[Callable[[Armoury, int, random.Random], Shot], int] = {
    _plain: 8,
    _twisted: 30,
    _again: 6,
    _bit: 8,
    _wrong_secret: 6,
    _other_body: 8,
    _no_signature: 6,
    _doubled: 4,
    _both_wrong: 2,
    _case: 3,
    _chunked: 4,
    _length: 3,
    _bad_chunks: 2,
    _header: 3,
    _torn: 2,
    _noise: 3,
    _elsewhere: 3,
    _method: 1,
}
_KINDS, _WEIGHTS = tuple(_WEIGHED), tuple(_WEIGHED.values())
