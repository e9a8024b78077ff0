"""What an answer that refuses says of a dataset: which permission, scope or plan it takes. One that says "not there" is none."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.evidence.facts.dataset import Lack, Missing

from .request import Page

GONE = (404, 410)
_NEEDS = "a Global Admin's or an account's key"
_TAKES = {  # what is told where PagerDuty does not say it
    "audit": "a Global Admin's or an account's key",
    "licenses": "a Global Admin's or an account's key",
    "license_allocations": "a Global Admin's or an account's key",
}
_ABILITIES = {
    "teams": "the ability teams",
    "audit": "the audit trail",
    "licenses": "licences",
    "license_allocations": "licences",
}


def refused(page: Page, part: str = "") -> Missing | None:
    """None: it was given. Of one record 404 is told apart by whoever asked."""
    if page.is_given:
        return None
    if page.status == 402:
        return Missing(Lack.PLAN, part, _ABILITIES.get(_room(page), ""))
    if page.status == 403:
        scopes = _scopes(page)
        return (
            Missing(Lack.SCOPE, part, scopes)
            if scopes
            else Missing(Lack.PERMISSION, part, _TAKES.get(_room(page), _NEEDS))
        )
    return Missing(Lack.FAILED, part, f"PagerDuty answered {page.status} to {_asked(page)}")


def is_gone(page: Page) -> bool:
    return page.status in GONE


def _scopes(page: Page) -> str:
    """An OAuth token's 403 says what it takes."""
    error = page.body.get("error")
    named = error.get("required_scopes") if isinstance(error, Mapping) else None
    if isinstance(named, list):
        named = ", ".join(str(one) for one in named)
    return named.strip() if isinstance(named, str) else ""


def _room(page: Page) -> str:
    return _asked(page).lstrip("/").split("/", 1)[0]


def _asked(page: Page) -> str:
    return page.request.removeprefix("GET ").partition("?")[0]
