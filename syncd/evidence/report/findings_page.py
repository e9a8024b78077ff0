"""What one check of a report finds, page by page: by name, so that a page begins where the one before has ended, whatever has come or gone."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from syncd.errors import Misconfigured

from .plain import Plain

_Spot = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class FindingsPage:
    control: Plain
    rows: Sequence[Plain]
    next: str | None


def page_of(report: Plain, check: str, after: str, limit: int) -> FindingsPage:
    control = next((one for one in report["controls"] if one["check"] == check), None)
    if control is None:
        raise Misconfigured(f"This report has no {check}: it was made by a release that did not know it.")
    found = sorted((one for one in report["exceptions"] if one["check"] == check), key=_spot)
    left = [one for one in found if not after or _spot(one) > _read(after)]
    rows = left[:limit]
    return FindingsPage(control, rows, _written(rows[-1]) if len(left) > limit else None)


def _spot(one: Plain) -> _Spot:
    return one["name"].casefold(), one["subject"], one["sentence"]


def _written(one: Plain) -> str:
    return base64.urlsafe_b64encode(json.dumps(_spot(one)).encode()).decode().rstrip("=")


def _read(after: str) -> _Spot:
    try:
        name, subject, sentence = json.loads(base64.b64decode(after + "=" * (-len(after) % 4), b"-_", validate=True))
        return str(name), str(subject), str(sentence)
    except (binascii.Error, ValueError, TypeError) as error:
        raise Misconfigured("`after` is no place in this list; give the `next` of the page before.") from error
