"""Who gets in, on a page: people and tokens, which are shown once."""

from __future__ import annotations

import html
import re

import pytest

from syncd.core.permissions import Role

from .operated import Operated

ON = "/settings"
PASSWORD = "correct horse battery"


def test_somebody_is_added_and_signs_in_until_disabled(operated: Operated) -> None:
    assert "Nobody yet" in operated.words(ON)
    added = operated.press(ON, f"{ON}/add-user", name="Dana Ruiz", role="operator", password=PASSWORD)
    assert added.status_code == 303
    assert "Dana Ruiz operator" in operated.words(ON)
    assert "by Ops may sign in" in operated.words(ON)
    operated.press(ON, f"{ON}/disable-user", name="Dana Ruiz")
    assert "disabled" in operated.words(ON)
    refused = operated.client.post("/login", data={"name": "Dana Ruiz", "token": PASSWORD})
    assert refused.status_code == 401


def test_a_token_is_shown_once_and_opens_until_it_is_revoked(operated: Operated) -> None:
    issued = operated.press(ON, f"{ON}/issue-token", name="reports", role="viewer", integrations="pagerduty", days="30")
    shown = re.search(r"<code>(syncd_pat_[^<]+)</code>", issued.text)
    assert shown is not None
    bearer = {"Authorization": f"Bearer {html.unescape(shown[1])}"}
    assert operated.client.get("/v1/links", headers=bearer).status_code == 200
    page = operated.see(ON)
    assert shown[1] not in page
    assert "reports viewer pagerduty" in operated.words(ON)
    number = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert number is not None
    operated.press(ON, f"{ON}/revoke-token", token=number[1])
    assert operated.client.get("/v1/links", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("add-user", {"name": "Dana", "role": "king", "password": PASSWORD}),
        ("add-user", {"name": "Dana", "role": "viewer", "password": "short"}),
        ("add-user", {"name": "", "role": "viewer", "password": PASSWORD}),
        ("issue-token", {"name": "t", "role": "viewer", "days": "-1"}),
        ("issue-token", {"name": "t", "role": "viewer", "days": "9" * 40}),
        ("issue-token", {"name": "t", "role": "viewer", "integrations": "nobody"}),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(operated: Operated, act: str, fields: dict[str, str]) -> None:
    refused = operated.press(ON, f"{ON}/{act}", **fields)
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    assert PASSWORD not in refused.text
    assert "Nobody yet" in operated.words(ON)
    assert "None was issued" in operated.words(ON)


def test_nothing_else_can_be_done_there(operated: Operated) -> None:
    assert operated.press(ON, f"{ON}/explode").status_code == 404


def test_an_auditor_sees_and_changes_nothing_and_others_do_not_see(operated: Operated) -> None:
    operated.sign_in_as(Role.AUDITOR)
    assert "<button>Disable" not in operated.see(ON)
    assert operated.press(ON, f"{ON}/add-user", name="x", role="admin", password=PASSWORD).status_code == 403
    operated.sign_in_as(Role.OPERATOR)
    assert operated.client.get(ON).status_code == 403
    assert "Settings" not in operated.words("/overview")
