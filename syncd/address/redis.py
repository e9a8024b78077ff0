"""An address of Redis: whether both who use it can read it, and how the second of them spells it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, unquote, urlencode

from .reading import split

_OF_ALL = frozenset({"db", "password", "username"})
_OF_TLS = frozenset(
    {"ssl_ca_certs", "ssl_ca_data", "ssl_ca_path", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname", "ssl_ciphers"}
    | {"ssl_keyfile", "ssl_password", "ssl_validate_ocsp", "ssl_validate_ocsp_stapled"}
)
_CHECKED = {"none", "optional", "required"}  # how a server's certificate is
_NUMBER = re.compile("[0-9]*")


def is_redis(address: str) -> bool:
    """As redis-py spells it. What only one of the two takes is refused: the other would end in a traceback."""
    it = split(address)
    if it is None or it.scheme not in {"redis", "rediss", "unix"} or it.fragment:
        return False
    if not all("=" in one for one in it.query.split("&") if one):
        return False
    asked = _asked(it.query)
    if asked.keys() - _OF_ALL - (_OF_TLS if it.scheme == "rediss" else set()):
        return False
    if asked.get("ssl_cert_reqs", "required") not in _CHECKED or not _NUMBER.fullmatch(asked.get("db", "")):
        return False
    if it.scheme == "unix":
        return bool(it.path.strip("/")) and not it.hostname
    return _NUMBER.fullmatch(unquote(it.path).removeprefix("/")) is not None


def for_celery(address: str) -> str:
    """Celery knows a user, a password and a number only where they stand before and behind the host."""
    it = split(address)
    if it is None:
        return address
    asked = _asked(it.query)
    user = unquote(it.username or "") or asked.pop("username", "")
    password = unquote(it.password or "") or asked.pop("password", "")
    login = (
        f"{quote(user, safe='')}:{quote(password, safe='')}@"
        if password
        else f"{quote(user, safe='')}@"
        if user
        else ""
    )
    for name in ("username", "password"):
        asked.pop(name, None)
    number = asked.pop("db", "")
    if it.scheme == "unix":
        # Before it takes an address apart, kombu cuts it at each semicolon.
        made = f"redis+socket://{login}{quote(unquote(it.path), safe='/')}"
        asked |= {"virtual_host": number} if number else {}
    else:
        made = f"{it.scheme}://{login}{it.netloc.rpartition('@')[2]}{f'/{number}' if number else it.path}"
        if it.scheme == "rediss":
            # Left out, redis-py checks the certificate and kombu does not.
            asked.setdefault("ssl_cert_reqs", "required")
    return f"{made}?{urlencode(asked, safe='/')}" if asked else made


def _asked(query: str) -> dict[str, str]:
    """Of several of one name redis-py takes the first."""
    found: Mapping[str, list[str]] = parse_qs(query)
    return {name: values[0] for name, values in found.items()}
