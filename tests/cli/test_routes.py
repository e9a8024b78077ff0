"""`syncd routes` and `syncd presets` on the local database and on a daemon elsewhere, against a simulated PagerDuty."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.core.routing import SHIPPED
from syncd.simulator import Fault, Simulator
from tests.cli.conftest import Syncd


@pytest.fixture
def payments(syncd: Syncd, acme: None) -> None:
    for name, service in (("checkout", "Checkout"), ("payments", "Payments")):
        assert syncd("connectors", "add", name, "--integration", "acme", "--service", service).code == 0
    assert syncd("routes", "remove", "everything-else").code == 0  # It came with the second.


def test_a_rule_and_a_preset_from_making_to_removing(syncd: Syncd, payments: None, pagerduty: Simulator) -> None:
    policy = next(iter(pagerduty.account.policies.values()))
    made = syncd(
        *("presets", "add", "Urgent", "--title", "[{{ team }}] {{ title }}", "--urgency", "high"),
        *("--escalation-policy", policy.name, "--priority", "P3=P1", "--integration", "acme"),
    )
    assert (made.code, made.out) == (0, "Preset Urgent was added.\n")
    (_, urgent) = syncd("presets", "list").json
    assert (urgent["escalation_policy"], urgent["escalation_policy_name"]) == (policy.id, policy.name)
    added = syncd(
        *("routes", "add", "payments-p3", "--connector", "payments", "--preset", "Urgent"),
        *("--team", "payments", "--priority", "P3", "--label", "env:prod", "--label", "env:eu"),
    )
    assert (added.code, added.out) == (0, "Rule payments-p3 was added at place 1 of 1.\n")
    opened = syncd("cases", "open", "Slow", "--team", "payments", "--label", "env:eu", "--source", "cron")
    assert opened.err.splitlines()[1] == "Rule payments-p3 sends CS-1 to connector payments with preset Urgent."
    (case,) = opened.json
    assert (case["team"], case["labels"], case["source"], case["connector"]) == ("payments", ["env:eu"], "cron", "")
    seen = syncd("presets", "preview", "--case", "CS-1").json
    assert (seen["title"], seen["service"], seen["urgency"], seen["priority"]) == (
        "[payments] Slow",
        "Payments",
        "high",
        "P1",
    )
    assert syncd("presets", "preview", "--case", "CS-1", "--connector", "checkout").json["title"] == "Slow"
    other = syncd("cases", "open", "Slow", "--team", "web")
    assert "No rule matches CS-2, so no incident is opened for it." in other.err
    told = syncd("routes", "explain", "cs-2", "-o", "table")
    assert told.code == 1
    assert "team is web, not payments" in told.out
    assert syncd("presets", "remove", "Urgent").code == 2
    assert syncd("routes", "remove", "payments-p3").code == 0
    assert syncd("presets", "remove", "Urgent").code == 0


def test_a_file_goes_out_and_comes_back_and_its_faults_have_lines(
    syncd: Syncd, payments: None, pagerduty: Simulator, home: Path
) -> None:
    policy = next(iter(pagerduty.account.policies.values()))
    text = (
        f'[[presets]]\nname = "Urgent"\nintegration = "acme"\nescalation_policy = "{policy.name}"\n\n'
        '[[routes]]\nname = "p1"\nconnector = "payments"\npreset = "Urgent"\npriority = "P1"\n'
    )
    (home / "routes.toml").write_text(text, encoding="utf-8")
    checked = syncd("routes", "import", "routes.toml", "--check", "-o", "json").json
    assert (checked["check"], checked["changed"]) == (True, ["Preset Urgent was added.", "Rule p1 was added."])
    assert syncd("routes", "list").json == []
    assert syncd("routes", "import", "routes.toml").code == 0
    exported = syncd("routes", "export").out
    (home / "again.toml").write_text(exported, encoding="utf-8")
    assert syncd("routes", "import", "again.toml").out == "Nothing was changed: it is so already.\n"
    wrong = text.replace('"payments"', '"x"').replace(policy.name, "Nobody")
    (home / "routes.toml").write_text(wrong, encoding="utf-8")
    refused = syncd("routes", "import", "routes.toml")
    assert refused.code == 2
    assert "routes.toml:4: presets[0].escalation_policy: the account has no Nobody; it has " in refused.err
    assert "routes.toml:8: routes[0].connector: there is no connector called x; there are" in refused.err
    assert syncd("routes", "import", "nowhere.toml").code == 4


AWAY = """\
[[presets]]
name = "Urgent"
integration = "acme"
escalation_policy = "Checkout on call"

[[presets]]
name = "Calm"
integration = "acme"
priorities = {P1 = "P1"}

[[routes]]
name = "p1"
connector = "payments"
preset = "Urgent"
"""


def test_an_account_that_is_away_hides_no_fault_of_a_file_and_is_asked_once(
    syncd: Syncd, payments: None, pagerduty: Simulator, home: Path
) -> None:
    pagerduty.faults.lay(Fault(status=503, count=0))
    wrong = AWAY.replace('"payments"', '"x"').replace('"Calm"', '"Calm"\nurgency = "very"')
    (home / "routes.toml").write_text(wrong, encoding="utf-8")
    before = len(pagerduty.journal.requests)
    refused = syncd("routes", "import", "routes.toml")
    assert refused.code == 2
    assert [line.removeprefix("syncd: ")[:44] for line in refused.err.splitlines()] == [
        "routes.toml:8: presets[1].urgency: very is n",
        "routes.toml:14: routes[0].connector: there i",
        "routes.toml:3: presets[0].integration: acme ",
    ]
    assert "acme could not be asked: PagerDuty answered 503" in refused.err
    assert len(pagerduty.journal.requests) == before + 1, "whoever is away is not waited for twice"
    (home / "routes.toml").write_text(AWAY, encoding="utf-8")
    away = syncd("routes", "import", "routes.toml")
    assert (away.code, away.err.count("could not be asked")) == (3, 1), "which is no fault of the file"
    told = syncd("presets", "add", "P", "--urgency", "very", "--escalation-policy", "x", "--integration", "acme")
    assert [line.partition(" ")[0] for line in told.err.removeprefix("syncd: ").splitlines()] == [
        "urgency:",
        "integration:",
    ]
    assert syncd("presets", "add", "P", "--escalation-policy", "x", "--integration", "acme").code == 3
    assert [one["name"] for one in syncd("presets", "list").json] == [SHIPPED]


def test_two_presets_of_an_account_ask_it_once_for_each_thing(
    syncd: Syncd, payments: None, pagerduty: Simulator, home: Path
) -> None:
    text = AWAY + AWAY.replace('"Urgent"', '"Two"').replace('"Calm"', '"Three"').replace('"p1"', '"p2"')
    (home / "routes.toml").write_text(text, encoding="utf-8")
    before = len(pagerduty.journal.requests)
    assert syncd("routes", "import", "routes.toml").code == 0
    asked = [one.target.partition("?")[0] for one in list(pagerduty.journal.requests)[before:]]
    assert asked == ["/escalation_policies", "/priorities"]


def test_a_daemon_elsewhere_gives_the_same_answers(
    syncd: Syncd, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_SERVER", elsewhere)
    assert syncd("presets", "add", "Short", "--title", "{{ case }}").code == 0
    assert [one["name"] for one in syncd("presets", "list").json][1:] == ["Short"]
    refused = syncd("presets", "add", "Long", "--title", "{{ nobody }}")
    assert refused.code == 2
    assert "title: The template cannot be rendered: it uses nobody" in refused.err
    assert "no connector called x" in syncd("routes", "add", "r", "--connector", "x").err
    assert syncd("routes", "export").out.endswith('[[presets]]\nname = "Short"\ntitle = "{{ case }}"\n')
    assert syncd("presets", "remove", "Short").code == 0
    assert syncd("routes", "explain", "CS-9").code == 4
