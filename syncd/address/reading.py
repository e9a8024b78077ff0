"""Whether an address can be read by whoever will use it, and means what it seems to.

A password with a `/` or an `@` in it moves the end of the host: it would be looked up as one, and quoted in an error.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit

from .showing import NAMED

SPELLED = "with / # ? @ : and % in a password written %2F %23 %3F %40 %3A and %25"
MAIL = {"smtp": 587, "smtps": 465}  # and their ports
_HIGHEST = 65535
#: As SQLAlchemy takes one apart.
_DATABASE = re.compile(
    r"(?P<kind>[\w+]+)://(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?:(?:\[[^/?]+\]|(?P<host>[^/:?]+))?(?::(?P<port>[^/?]*))?)?"
    r"(?:/(?P<name>[^?]*))?(?:\?(?P<query>.*))?"
)


def split(address: str) -> SplitResult | None:
    """As urllib takes it apart, which most do; None: it cannot, or what it takes for the host may be part of a password."""
    try:
        it = urlsplit(address)
        unquote(it.hostname or "").encode("idna")
        is_whole = it.port != 0 and address.isprintable()
    except ValueError:
        return None
    beyond = [it.path, it.fragment, *(one for one in it.query.split("&") if "=" not in one or not it.path)]
    is_doubtful = ":" in it.netloc and any("@" in one for one in beyond)
    return it if is_whole and not is_doubtful else None


def is_web(address: str) -> bool:
    it = split(address)
    return it is not None and it.scheme in {"http", "https"} and bool(it.hostname)


def is_mail(address: str) -> bool:
    it = split(address)
    if it is None or it.scheme not in MAIL or not it.hostname:
        return False
    return it.path in {"", "/"} and not it.query and not it.fragment


def is_database(address: str) -> bool:
    """Whether that of which it tells can be used here is asked where it is opened."""
    it = _DATABASE.match(address)
    if it is None or not address.isprintable():
        return False
    host, port, name = it["host"] or "", it["port"], it["name"] or ""
    if it["kind"].partition("+")[0] == "sqlite":
        return not (it["user"] or host or port)
    if port is not None and not (re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) <= _HIGHEST):
        return False
    query = it["query"] or ""
    if "@" in host + name or NAMED.search(it["password"] or "") or (it["user"] is not None and "@" in query):
        return False
    return all("=" in one for one in query.split("&") if one)
