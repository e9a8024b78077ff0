"""Requests to PagerDuty's REST API v2: who we are, where it is, and lists that come in pages. It knows no incident."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import httpx

from syncd.errors import Misconfigured, Refused
from syncd.outgoing import PUBLIC_ONLY, Outgoing, parsed
from syncd.systems.document import Json, pick, pick_list, pick_name
from syncd.systems.http import Bearer, Http, Params
from syncd.systems.toll import FREE, Toll
from syncd.systems.trip import Trip

from .fault import explain

REGIONS = {"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}
#: Open wherever they lead: where IPv4 is translated, or PagerDuty is reached by a private line, they are not public.
OWN_HOSTS = parsed("api.pagerduty.com:443, api.eu.pagerduty.com:443, identity.pagerduty.com:443")
PAGE = 100
REACH = 10_000  # offset plus limit; beyond it PagerDuty answers 400
_MEDIA_TYPE = "application/vnd.pagerduty+json;version=2"


def base_url(where: str) -> str:
    """A region's name, an address, or nothing for the US."""
    where = where.strip()
    found = REGIONS.get(where.lower() or "us", where)
    if "/" not in found:
        raise Misconfigured(f"PagerDuty has no region {where}; give us, eu or an address like https://host/path.")
    return _spelled_one_way(found)


def _spelled_one_way(address: str) -> str:
    """Two spellings of one address are one place. What cannot be an address is refused by whoever asks there."""
    try:
        it = httpx.URL(str(httpx.URL(address)))  # A usual port is left out only of a scheme in small letters.
    except httpx.InvalidURL:
        return address
    is_plain = it.scheme in {"http", "https"} and it.host and not (it.userinfo or it.query or it.fragment)
    return str(it).rstrip("/") if is_plain else address


def region_of(address: str) -> str:
    """By its name, or the address itself where it is none of PagerDuty's own."""
    return next((name for name, url in REGIONS.items() if url == address), address)


def account_of(page: str) -> str:
    """Which account it is whose page this is: acme.pagerduty.com, with a port where there is one."""
    return urlsplit(page).netloc.rpartition("@")[2].lower()


def other_region(url: str) -> str:
    """Of PagerDuty's two addresses the other one; empty for an address of one's own, which is nobody's region."""
    here = url.rstrip("/")
    return next((one for one in REGIONS.values() if one != here), "") if here in REGIONS.values() else ""


def http(  # noqa: PLR0913  each is one property of the far side, and named at every call
    credential: str | Bearer,
    sender: str,
    where: str = "us",
    *,
    verify: str | None = None,
    outgoing: Outgoing = PUBLIC_ONLY,
    others: Iterable[str] = (),
    transport: httpx.BaseTransport | None = None,
    toll: Toll = FREE,
    is_read_only: bool = False,
) -> Http:
    """`credential`: an API key, or who hands out OAuth tokens. `sender`: the login e-mail of the user our writes are made as.

    Where the account is only read no write leaves us.
    """
    if not credential:
        raise Misconfigured("The PagerDuty integration has no API key; add one with `syncd integrations add`.")
    api_key = credential if isinstance(credential, str) else ""
    headers = {
        **({"Authorization": f"Token token={api_key}"} if api_key else {}),
        "Accept": _MEDIA_TYPE,
        "Content-Type": "application/json",
        **({"From": sender} if sender else {}),
    }
    return Http(
        "PagerDuty",
        base_url(where),
        headers,
        secrets=(api_key,),
        others=others,
        verify=verify,
        explain=explain,
        outgoing=outgoing.besides(OWN_HOSTS),
        transport=transport,
        toll=toll,
        is_read_only=is_read_only,
        bearer=None if isinstance(credential, str) else credential,
    )


def pages(http: Http, trip: Trip, path: str, name: str, params: Params | None = None) -> Iterator[Json]:
    """Every item once. Pages shift while people work, so an item may come twice."""
    seen: set[str] = set()
    offset = 0
    while True:
        limit = min(PAGE, REACH - offset)
        answer = http.send(trip, "GET", path, params={**(params or {}), "offset": offset, "limit": limit}).document()
        items = pick_list(answer, name)
        for item in items:
            key = pick_name(item, "id")
            if isinstance(item, dict) and key not in seen:
                seen.add(key)
                yield item
        if not items or pick(answer, "more") is not True:
            return
        # The server may have allowed less than was asked for.
        allowed = pick(answer, "limit")
        offset += allowed if isinstance(allowed, int) and allowed > 0 else len(items)
        if offset >= REACH:
            raise Refused(
                f"PagerDuty lists at most {REACH} of {path}, and there are more; narrow the filter or the time."
            )
