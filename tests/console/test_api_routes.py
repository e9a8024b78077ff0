"""/v1/routes and /v1/presets: what is taken, listed, explained, previewed and refused with its field."""

from __future__ import annotations

import httpx

from syncd.core.routing import SHIPPED

RULE = {"name": "p1", "connector": "payments", "priority": ["P1", "P2"], "team": "web", "by": "Ana"}


def test_a_rule_is_added_explained_moved_and_removed(api: httpx.Client) -> None:
    assert api.post("/v1/routes", json=RULE).status_code == 201
    api.post("/v1/routes", json={"name": "all", "connector": "payments", "by": "Ana"})
    (first, second) = api.get("/v1/routes").json()["routes"]
    assert first == {
        "place": 1,
        "name": "p1",
        "connector": "payments",
        "preset": SHIPPED,
        "priority": ["P1", "P2"],
        "team": ["web"],
    }
    assert (second["place"], second["name"]) == (2, "all")
    case = {"title": "Slow", "priority": "P1", "team": "Web", "labels": ["a"], "source": "cron", "by": "Ana"}
    opened = api.post("/v1/cases", json=case).json()
    assert {name: opened[name] for name in ("team", "labels", "source", "connector")} == {
        "team": "Web",
        "labels": ["a"],
        "source": "cron",
        "connector": "",
    }
    told = api.get("/v1/routes/explain", params={"case": opened["key"]}).json()
    assert (told["rule"], told["connector"], told["preset"]) == ("p1", "payments", SHIPPED)
    assert [(one["rule"], one["matches"], one["decides"]) for one in told["rules"]] == [
        ("p1", True, True),
        ("all", True, False),
    ]
    assert api.post("/v1/routes/all/move", json={"to": 1, "by": "Ben"}).json()["changed"]
    assert api.get("/v1/routes/explain", params={"case": opened["key"]}).json()["rule"] == "all"
    assert api.post("/v1/routes/all/remove", json={"by": "Ben"}).status_code == 200
    assert api.post("/v1/routes/all/remove", json={"by": "Ben"}).status_code == 404


def test_a_preview_shows_what_is_opened(api: httpx.Client) -> None:
    made = api.post("/v1/presets", json={"name": "Short", "title": "{{ labels }}", "urgency": "low", "by": "Ana"})
    assert made.status_code == 201
    key = api.post("/v1/cases", json={"title": "Slow", "labels": ["a", "b"], "by": "Ana"}).json()["key"]
    shown = api.get("/v1/presets/preview", params={"case": key, "preset": "Short"}).json()
    assert (shown["title"], shown["urgency"], shown["preset"], shown["service"]) == ("a, b", "low", "Short", "Payments")
    assert api.get("/v1/presets/preview", params={"case": key}).json()["title"] == "Slow"
    assert api.get("/v1/presets/preview", params={"case": "CS-99"}).status_code == 404


def test_what_is_wrong_is_told_with_its_field(api: httpx.Client) -> None:
    refused = api.post("/v1/routes", json={**RULE, "connector": "x"})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"field": "connector", "detail": "there is no connector called x; there are payments."}
    ]
    refused = api.post("/v1/presets", json={"name": "P", "urgency": "very", "by": "Ana"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "urgency")
    many = {"name": "P", "urgency": "very", "title": "{{ nobody }}", "integration": "acme2", "by": "Ana"}
    refused = api.post("/v1/presets", json=many)
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (
        422,
        ["urgency", "title", "integration"],
    )
    assert all(one["detail"] in refused.json()["detail"] for one in refused.json()["errors"])
    api.post("/v1/presets", json={"name": "Short", "by": "Ana"})
    api.post("/v1/routes", json={**RULE, "preset": "Short"})
    kept = api.post("/v1/presets/Short/remove", json={"by": "Ana"})
    assert (kept.status_code, kept.json()["detail"]) == (
        409,
        "Preset Short is named by rule p1; give that another one first.",
    )
    text = '[[routes]]\nname = "r"\nconnector = "nowhere"\n'
    refused = api.post("/v1/routes/import", json={"text": text, "by": "Ana"})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith(
        "routes.toml:3: routes[0].connector: there is no connector called nowhere"
    )
    exported = api.get("/v1/routes/export").json()["text"]
    again = api.post("/v1/routes/import", json={"text": exported, "by": "Ana"}).json()
    assert (again["changed"], again["says"]) == ([], "Nothing was changed: it is so already.")
