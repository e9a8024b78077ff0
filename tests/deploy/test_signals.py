"""The shipped rules and the dashboard ask only for what /metrics tells, each rule has its page, and a real promtool tries them as shipped.

What a whole daemon under faults makes of them tells tests/e2e/test_alerts.py.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from syncd.flow.metrics.catalogue import CATALOGUE, Kind, names
from tests.parts.prometheus import find_program

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "prometheus" / "syncd.rules.yaml"
BOARD = ROOT / "deploy" / "grafana" / "syncd.json"
PAGE = ROOT / "docs" / "alerts.md"
_SERIES = re.compile(r"\bsyncd_\w+")
_PICKED = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"")  # {name="value"}
_GROUPED = re.compile(r"\b(?:by|without)\s*\(([^)]*)\)")
_SHOWN = re.compile(r"{{\s*(\w+)\s*}}")  # by Grafana
_TOLD = re.compile(r"\$labels\.(\w+)")  # by Prometheus
_OF_PROMETHEUS = frozenset({"job", "instance"})


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return list(json.loads(BOARD.read_text("utf-8"))["panels"])


def promtool(*words: str) -> str:
    done = subprocess.run([find_program("promtool"), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def asked() -> Iterator[tuple[str, str, str]]:
    """Of each expression where it stands, what it is, and what is shown of it."""
    for rule in rules():
        yield rule["alert"], rule["expr"], " ".join(rule["annotations"].values())
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"], target.get("legendFormat", "")


def labels_of(series: str) -> frozenset[str]:
    for one in CATALOGUE:
        if one.kind is Kind.HISTOGRAM and series == f"{one.name}_bucket":
            return frozenset({*one.labels, "le"}) | _OF_PROMETHEUS
        if series.removesuffix("_sum").removesuffix("_count") == one.name:
            return frozenset(one.labels) | _OF_PROMETHEUS
    raise AssertionError(f"There is no series {series}.")


def test_every_rule_has_its_page_and_every_page_its_rule() -> None:
    told = re.findall(r"^## (\w+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [rule["alert"] for rule in rules()] == told
    assert [rule["annotations"]["page"] for rule in rules()] == [f"docs/alerts.md#{one.lower()}" for one in told]


@pytest.mark.parametrize(("where", "expr", "shown"), list(asked()))
def test_every_expression_asks_for_series_and_labels_that_there_are(where: str, expr: str, shown: str) -> None:
    series = set(_SERIES.findall(expr))
    assert series <= set(names()), where
    has = frozenset[str].intersection(*map(labels_of, series)) if series else _OF_PROMETHEUS
    groups = [word.strip() for found in _GROUPED.findall(expr) for word in found.split(",")]
    assert {*_PICKED.findall(expr), *groups} <= has, where
    kept = has.intersection(groups) if groups else has  # of what is summed up the other labels are gone
    assert {*_SHOWN.findall(shown), *_TOLD.findall(shown)} <= kept, where


def test_the_dashboard_shows_every_series_that_people_look_at() -> None:
    board = panels()
    assert len({panel["id"] for panel in board}) == len(board)
    shown = {series for panel in board for target in panel["targets"] for series in _SERIES.findall(target["expr"])}
    left_out = {one.name for one in CATALOGUE if not any(it.startswith(one.name) for it in shown)}
    assert left_out == NOT_ON_THE_BOARD.keys()


#: What the dashboard has no panel for, and why.
NOT_ON_THE_BOARD = {
    "syncd_integration_paused": "A person has done it, and `syncd status` says who.",
    "syncd_beat_last_tick_timestamp_seconds": "A moment, which is for its rule.",
    "syncd_build_info": "A word, and no number.",
}


@pytest.mark.parametrize("where", [panel["title"] for panel in panels()])
def test_a_real_prometheus_takes_the_expressions_of(where: str, tmp_path: Path) -> None:
    (panel,) = [one for one in panels() if one["title"] == where]
    made = [{"record": f"shown:{number}", "expr": one["expr"]} for number, one in enumerate(panel["targets"])]
    file = tmp_path / "board.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": made}]}), "utf-8")
    assert f"SUCCESS: {len(made)} rules found" in promtool("check", "rules", str(file))


def test_a_real_rule_checker_takes_them() -> None:
    assert f"SUCCESS: {len(rules())} rules found" in promtool("check", "rules", str(RULES))


#: A series as it is while a fault lasts, and as it is while all is well; and what the rule that has to tell of it says it of.
FAULTS: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "SyncdNotScraped": ('up{job="syncd"}', "0x100", "1x100", {"job": "syncd"}),
    "SyncdDisconnected": ('syncd_integration_up{integration="acme"}', "0x100", "1x100", {"integration": "acme"}),
    "SyncdOldestPending": ("syncd_oldest_pending_seconds", "601x100", "600x100", {}),
    "SyncdRefusedForGood": (
        'syncd_pending_changes{state="dead",direction="outbound"}',
        "1x100",
        "0x100",
        {"direction": "outbound"},
    ),
    "SyncdBadSignatures": (
        'syncd_webhooks_total{source="acme",result="rejected"}',
        "0+1x100",
        "7x100",
        {"source": "acme"},
    ),
    "SyncdBeatSilent": ("syncd_beat_last_tick_timestamp_seconds", "0x100", "0+60x100", {}),
    "SyncdNoWorker": ('syncd_parts{part="worker"}', "0x100", "1x100", {"part": "worker"}),
    "SyncdSubscription": ('syncd_subscription_troubles{integration="acme"}', "1x100", "0x100", {"integration": "acme"}),
    "SyncdConflict": ("syncd_conflicts", "1x100", "0x100", {}),
}


@pytest.mark.parametrize("alert", [rule["alert"] for rule in rules()])
def test_a_fault_raises_its_alert_in_its_time_and_nothing_does_where_there_is_none(alert: str, tmp_path: Path) -> None:
    series, ill, well, labels = FAULTS[alert]
    rule = next(one for one in rules() if one["alert"] == alert)
    found = _told({"alertname": alert, "alertstate": "firing", **rule["labels"], **labels})
    waits = int(rule.get("for", "0m").removesuffix("m").replace("1h", "60"))
    plan = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "30s",
        "tests": [
            _case(alert, series, ill, {f"{waits + 3}m": [found]} | ({f"{waits - 1}m": []} if waits else {})),
            _case(alert, series, well, {"90m": []}),
        ],
    }
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump(plan), "utf-8")
    assert "SUCCESS" in promtool("test", "rules", str(file))


def _case(alert: str, series: str, values: str, at: dict[str, list[str]]) -> dict[str, Any]:
    """Only that it fires, with which labels: the words are for people. A rule tester compares annotations, so they are asked for apart."""
    asked_for = f'ALERTS{{alertname="{alert}",alertstate="firing"}}'
    firing = [
        {"expr": asked_for, "eval_time": moment, "exp_samples": [{"labels": one, "value": 1} for one in found]}
        for moment, found in at.items()
    ]
    return {"interval": "1m", "input_series": [{"series": series, "values": values}], "promql_expr_test": firing}


def _told(labels: dict[str, str]) -> str:
    said = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"ALERTS{{{said}}}"
