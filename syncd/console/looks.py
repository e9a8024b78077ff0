"""Templates and the words and shapes that pages use. Colour means outcome only, always with a shape and a word."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from syncd.console.way import way
from syncd.evidence.report.html import lasting, minute

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

#: outcome -> the class that gives it shape and colour
SHAPES = {
    "applied": "ok",
    "retrying": "wait",
    "held": "wait",
    "failed": "bad",
    "rejected": "bad",
    "suppressed": "skip",
    "ignored": "skip",
    "parked": "skip",
}
ORIGINS = {
    "PagerDuty": "from PagerDuty",
    "api": "over the API",
    "page": "on this page",
    "cli": "from the command line",
}
DEEDS = {
    "open": "opened the case",
    "acknowledge": "acknowledged it",
    "unacknowledge": "took back the acknowledgement",
    "resolve": "resolved it",
    "reopen": "opened it again",
    "close": "closed it",
    "priority": "set the priority",
    "comment": "commented",
    "resolution_note": "set the resolution note",
    "link": "linked the incident",
}


#: What neither a page nor a terminal should be sent as it is; lines and tabs stay.
_CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
#: What turns the direction of all that follows, until it is closed.
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CLOSED_BY = {**dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"), **dict.fromkeys("\u2066\u2067\u2068", "\u2069")}

_LONG = 240  # characters of a sentence, in a list


def _clock(at: datetime | str) -> str:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment:%H:%M:%S}"


def _day(at: datetime) -> str:
    return f"{at:%a %d %b %Y}"


def _safe(url: str) -> str:
    """An address from outside becomes a link only when it is a web address."""
    try:
        return url if urlsplit(url).scheme in {"http", "https"} else ""
    except ValueError:  # http://[ leads nowhere
        return ""


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _second(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _commands(text: str) -> Markup:
    """What stands between backticks is something to type; what there is a page for leads to it."""
    pieces = str(text).split("`")
    if len(pieces) % 2 == 0:  # One of them has no other: it is part of what somebody said.
        return escape(text)
    return Markup("").join(_typed(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces))


def _typed(command: str) -> Markup:
    shown = Markup("<code>{}</code>").format(command)
    address = way(command)
    return Markup('<a href="{}">{}</a>').format(address, shown) if address else shown


def _span(ms: int) -> str:
    for size, unit in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min")):
        if ms >= size:
            return f"{ms / size:.1f} {unit}"
    return f"{ms / 1000:.1f} s"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[:_LONG].rstrip()} ..."


def _code_page(code: str) -> str:
    return f"/codes/{quote(code, safe='')}"


def _contained(value: object) -> object:
    """Of everything that is put into a page: what somebody wrote has an effect on nothing but itself."""
    if not isinstance(value, str):
        return value
    text = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", value)
    text += _closing(text)
    return Markup(text) if isinstance(value, Markup) else text  # noqa: S704  It was already, and nothing of it is taken back.


def _closing(text: str) -> str:
    """What ends the directions that it leaves open, the last one first."""
    opened: list[str] = []
    for sign in _DIRECTIONS.findall(text):
        if sign in _CLOSED_BY:
            opened.append(_CLOSED_BY[sign])
        elif sign in opened:
            # An isolate that ends takes along what was opened in it; an embedding ends only where it is the innermost.
            while opened and opened[-1] != sign and sign == "\u2069":
                opened.pop()
            if opened[-1] == sign:
                opened.pop()
    return "".join(reversed(opened))


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_contained,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "clock": _clock,
        "day": _day,
        "minute": _minute,
        "second": _second,
        "safe_link": _safe,
        "commands": _commands,
        "span": _span,
        "shortened": _shortened,
        "code_page": _code_page,
        "told_minute": minute,
        "lasting": lasting,
    }
    made.globals |= {"shapes": SHAPES, "origins": ORIGINS, "deeds": DEEDS, "frame": None}
    return made


_TEMPLATES = _environment()


def piece(name: str, **values: object) -> str:
    return _TEMPLATES.get_template(name).render(values)


def page(name: str, status: int = 200, **values: object) -> HTMLResponse:
    return HTMLResponse(piece(name, **values), status)
