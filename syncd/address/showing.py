"""How an address is shown: the one place that knows where in one a password may stand.

Libraries differ over what a `/`, `?` or `@` ends, and people forget to spell one as %2F. So a part is hidden if any reading
takes it for a password; the price is that of an odd address less is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, unquote_plus

MASK = "***"
#: Names in a query whose values open nothing. What stands under any other name is hidden, and so is a name that nobody knows.
HARMLESS = frozenset(
    {"application_name", "channel_binding", "client_encoding", "client_name", "connect_timeout", "db", "dbname", "host"}
    | {
        "gssencmode",
        "hostaddr",
        "keepalives",
        "port",
        "sslmode",
        "sslnegotiation",
        "sslrootcert",
        "target_session_attrs",
    }
    | {
        "ssl_ca_certs",
        "ssl_ca_path",
        "ssl_cert_reqs",
        "ssl_certfile",
        "ssl_check_hostname",
        "sslcert",
        "user",
        "username",
    }
)
_SECRET = frozenset({"passfile", "password", "ssl_keyfile", "ssl_password", "sslkey", "sslpassword"})
#: Each a name and `=`, as they stand in a query.
NAMED = re.compile(rf"[?&](?:{'|'.join(sorted(HARMLESS | _SECRET))})=")
_SMELLS = re.compile(r"pass|pwd|secret|token|credential|auth|signature|key", re.IGNORECASE)
_IN_TEXT = re.compile(r"://\S+")
_QUOTE = re.compile(r"[\"']")
_USER = re.compile(r"[^:/]*:([^@]*)@")  # as SQLAlchemy reads


def shown(address: str) -> str:
    """One of a setting, without a password. What is no address stays as it is."""
    scheme, mark, rest = address.partition("://")
    return f"{scheme}{mark}{_masked(rest, [*_of_user(rest), *_of_query(rest)])}"


def shown_in(text: str) -> str:
    """Each address in a text without its password. It may be anybody's, so that of a query only what is called a secret is hidden."""
    return _IN_TEXT.sub(lambda found: _up_to_its_end(found[0]), text)


def passwords_in(address: str) -> set[str]:
    """What any reading takes for one, as it is written and as it is meant."""
    _, _, rest = address.partition("://")
    found = {rest[start:end] for start, end in _of_user(rest)}
    if by_sqlalchemy := _USER.match(rest):
        found.add(by_sqlalchemy[1])
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    found.add(authority.rpartition("@")[0].partition(":")[2])
    for start, end in _pieces(rest):
        name, _, value = rest[start:end].partition("=")
        if unquote_plus(name) not in HARMLESS:
            # Some have the address end at a `#`.
            found |= {one for each in (value, value.partition("#")[0]) for one in (each, unquote_plus(each))}
    return {one for one in found | {unquote(one) for one in found} if one}


def _up_to_its_end(begins: str) -> str:
    """A quotation mark ends it, unless it may belong to a password."""
    if (quote := _QUOTE.search(begins)) is None:
        return _met(begins)
    address, behind = begins[: quote.start()], begins[quote.start() :]
    if ":" in address.removeprefix("://") and "@" in behind:
        return _met(begins)
    return _met(address) + shown_in(behind)


def _met(begins: str) -> str:
    rest = begins.removeprefix("://")
    called = [
        (start + len(name) + 1, end)
        for start, end in _pieces(rest)
        if _SMELLS.search(unquote_plus(name := rest[start:end].partition("=")[0]))
    ]
    return f"://{_masked(rest, [*_of_user(rest), *called])}"


def _masked(rest: str, spans: Iterable[tuple[int, int]]) -> str:
    made: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        if start > done or not made:
            made += [rest[done:start], MASK]
        done = end
    return "".join((*made, rest[done:]))


def _of_user(rest: str) -> Iterator[tuple[int, int]]:
    """From the first colon to the last @: a password may hold both."""
    colon, at = rest.find(":"), rest.rfind("@")
    if -1 < colon < at - 1:
        yield colon + 1, at


def _of_query(rest: str) -> Iterator[tuple[int, int]]:
    for start, end in _pieces(rest):
        name, mark, value = rest[start:end].partition("=")
        known = unquote_plus(name)
        if known in HARMLESS and mark:
            if "@" in value:  # It may be the end of a password that holds all of this.
                yield start + len(name) + 1, end
        elif known in _SECRET and mark:
            yield start + len(name) + 1, end
        else:
            yield start, end


def _pieces(rest: str) -> Iterator[tuple[int, int]]:
    before, mark, query = rest.partition("?")
    at = len(before) + 1
    for piece in query.split("&") if mark else ():
        if piece:
            yield at, at + len(piece)
        at += len(piece) + 1
