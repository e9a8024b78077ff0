"""/v1/integrations: who is paused or only observed, and by whom; nobody is told a secret."""

from __future__ import annotations

import httpx
import pytest


def _post(api: httpx.Client, act: str, **fields: object) -> httpx.Response:
    return api.post(f"/v1/integrations/acme/{act}", json={"by": "Ana", **fields})


def test_an_account_is_paused_and_resumed(api: httpx.Client) -> None:
    paused = _post(api, "pause", why="a move").json()
    assert (paused["name"], paused["paused_by"], paused["pause_reason"], paused["changed"]) == (
        "acme",
        "Ana",
        "a move",
        True,
    )
    again = _post(api, "pause", by="Ben", why="no idea").json()
    assert (again["changed"], again["paused_at"], again["paused_by"], again["pause_reason"]) == (
        False,
        paused["paused_at"],
        "Ana",
        "a move",
    )
    assert again["says"].endswith(" UTC, by Ana, and nothing was changed: a move")
    acted = {"changed": True, "kept": 0, "says": paused["says"]}
    assert paused in [{**one, **acted} for one in api.get("/v1/integrations").json()["integrations"]]
    assert _post(api, "resume").json()["paused_at"] is None


def test_an_account_is_observed_and_written_to_again(api: httpx.Client) -> None:
    assert _post(api, "observe").json()["observed_by"] == "Ana"
    assert _post(api, "observe").json()["changed"] is False
    written = _post(api, "observe", off=True).json()
    assert (written["observed_at"], written["observed_by"], written["changed"]) == (None, "", True)


def test_nothing_of_a_credential_is_shown(api: httpx.Client) -> None:
    for one in api.get("/v1/integrations").json()["integrations"]:
        assert not {"sealed", "settings"} & one.keys()


@pytest.mark.parametrize("act", ["pause", "resume", "observe"])
def test_strangers_and_mistakes_are_turned_away(api: httpx.Client, stranger: httpx.Client, act: str) -> None:
    assert stranger.post(f"/v1/integrations/acme/{act}", json={"by": "Eve", "why": "x"}).status_code == 401
    assert api.post(f"/v1/integrations/acme/{act}", json={"wy": "x"}).status_code == 422
    fields = {"by": "Ana", **({"why": "x"} if act == "pause" else {})}
    assert api.post(f"/v1/integrations/nobody/{act}", json=fields).status_code == 404


def test_a_pause_needs_its_reason(api: httpx.Client) -> None:
    assert _post(api, "pause").status_code == 422
    assert _post(api, "pause", why="  ").status_code == 422


def test_the_history_of_a_connection_comes_newest_first_and_page_by_page(
    api: httpx.Client, stranger: httpx.Client
) -> None:
    assert _post(api, "pause", why="a move").is_success
    assert _post(api, "resume", by="Ben").is_success
    assert _post(api, "observe").is_success
    first = api.get("/v1/integrations/acme/log?limit=2").json()["log"]
    assert [(row["kind"], row["by"], row["detail"]) for row in first] == [
        ("updated", "Ana", "Only observed from now on."),
        ("updated", "Ben", "Resumed."),
    ]
    (rest,) = api.get(f"/v1/integrations/acme/log?before={first[-1]['id']}").json()["log"]
    assert rest["detail"] == "Paused: a move"
    assert api.get("/v1/integrations/nobody/log").status_code == 404
    assert stranger.get("/v1/integrations/acme/log").status_code == 401
