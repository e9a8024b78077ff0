"""The shipped rules and the dashboard ask only for what /metrics tells, each rule has its page, and a real promtool takes them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from syncd.flow.metrics.catalogue import names
from tests.parts.require import unavailable

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "prometheus" / "syncd.rules.yaml"
PAGE = ROOT / "docs" / "alerts.md"
_SERIES = re.compile(r"\bsyncd_\w+")


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]


def promtool(*words: str) -> str:
    program = shutil.which("promtool")
    if program is None:
        unavailable("promtool", "it is not on PATH; Debian has it in the package prometheus")
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_rule_has_its_page_and_every_page_its_rule() -> None:
    told = re.findall(r"^## (\w+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [rule["alert"] for rule in rules()] == told
    assert [rule["annotations"]["page"] for rule in rules()] == [f"docs/alerts.md#{one.lower()}" for one in told]


@pytest.mark.parametrize("file", [RULES, ROOT / "deploy" / "grafana" / "syncd.json"], ids=lambda one: one.name)
def test_no_series_is_asked_for_that_is_not_told(file: Path) -> None:
    asked = set(_SERIES.findall(file.read_text("utf-8")))
    assert asked
    assert asked <= set(names())


def test_the_dashboard_shows_every_counter_and_gauge_that_matters() -> None:
    panels = json.loads((ROOT / "deploy" / "grafana" / "syncd.json").read_text("utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(target["expr"] for panel in panels for target in panel["targets"])


def test_a_real_rule_checker_takes_them() -> None:
    assert f"SUCCESS: {len(rules())} rules found" in promtool("check", "rules", str(RULES))


#: Series as they are while a fault lasts, and the rule that has to tell of it, with its labels.
FAULTS = {
    "SyncdDisconnected": ('syncd_integration_up{integration="acme"}', "0x10", {"integration": "acme"}),
    "SyncdOldestPending": ("syncd_oldest_pending_seconds", "601x10", {}),
    "SyncdBeatSilent": ("syncd_beat_last_tick_timestamp_seconds", "0x10", {}),
    "SyncdNoWorker": ('syncd_parts{part="worker"}', "0x10", {"part": "worker"}),
    "SyncdBadSignatures": ('syncd_webhooks_total{source="acme",result="rejected"}', "0+1x10", {"source": "acme"}),
    "SyncdRefusedForGood": (
        'syncd_pending_changes{state="dead",direction="outbound"}',
        "1x10",
        {"direction": "outbound"},
    ),
}


@pytest.mark.parametrize("alert", FAULTS)
def test_a_fault_raises_its_alert_and_nothing_does_where_there_is_none(alert: str, tmp_path: Path) -> None:
    series, values, labels = FAULTS[alert]
    rule = next(one for one in rules() if one["alert"] == alert)
    found = [{"exp_labels": {**rule["labels"], **labels}, "exp_annotations": None}]
    well = {"SyncdBeatSilent": "0+60x10", "SyncdDisconnected": "1x10", "SyncdNoWorker": "1x10"}.get(alert, "0x10")
    plan = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "30s",
        "tests": [_case(alert, series, values, found), _case(alert, series, well, [])],
    }
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump(plan), "utf-8")
    assert "SUCCESS" in promtool("test", "rules", str(file))


def _case(alert: str, series: str, values: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    """Only that it fires, with which labels: the words are for people. A rule tester compares annotations, so they are asked for apart."""
    labels = [{"labels": f"ALERTS{{{_told(alert, one['exp_labels'])}}}", "value": 1} for one in found]
    firing = {"expr": f'ALERTS{{alertname="{alert}",alertstate="firing"}}', "eval_time": "5m", "exp_samples": labels}
    return {"interval": "1m", "input_series": [{"series": series, "values": values}], "promql_expr_test": [firing]}


def _told(alert: str, labels: dict[str, str]) -> str:
    return ",".join(
        f'{name}="{value}"' for name, value in {"alertname": alert, "alertstate": "firing", **labels}.items()
    )
