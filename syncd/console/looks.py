"""Templates and the words and shapes that pages use. Colour means outcome only, always with a shape and a word."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from syncd.console.way import way

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


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
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
    }
    made.globals |= {"shapes": SHAPES, "origins": ORIGINS, "deeds": DEEDS, "frame": None}
    return made


_TEMPLATES = _environment()


def piece(name: str, **values: object) -> str:
    return _TEMPLATES.get_template(name).render(values)


def page(name: str, status: int = 200, **values: object) -> HTMLResponse:
    return HTMLResponse(piece(name, **values), status)
