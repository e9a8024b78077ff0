"""A real Prometheus and its promtool: the machine's own, else those that `make prometheus` puts into the virtual environment."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from syncd.embedded.process import end, spawn
from tests.e2e.waiting import until
from tests.parts.ports import free_port
from tests.parts.require import unavailable

Labels = Mapping[str, str]

_STOP = ((signal.SIGTERM, 10.0),)


def find_program(name: str) -> str:
    """One of the two; the test is left out where it cannot be had."""
    own = Path(sys.prefix) / "prometheus" / name
    found = shutil.which(name) or (str(own) if own.exists() else None)
    if found is None:
        unavailable(
            "prometheus", "there is none here; install it with its promtool, or run `make prometheus` (needs apt-get)"
        )
    return found


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One that runs, asked as its own pages ask it."""

    http: httpx.Client = field(repr=False)

    def is_ready(self) -> bool:
        try:
            return self.http.get("/-/ready").is_success
        except httpx.TransportError:
            return False

    def firing(self) -> list[Labels]:
        """Of every alert that fires at this moment, its labels."""
        return [one["labels"] for one in self._data("/api/v1/alerts")["alerts"] if one["state"] == "firing"]

    def rules(self) -> Sequence[Mapping[str, Any]]:
        return [rule for group in self._data("/api/v1/rules")["groups"] for rule in group["rules"]]

    def value(self, expression: str) -> list[float]:
        found = self._data("/api/v1/query", query=expression)["result"]
        return [float(one["value"][1]) for one in found]

    def _data(self, path: str, **asked: str) -> Any:  # noqa: ANN401  its own JSON
        return self.http.get(path, params=asked).raise_for_status().json()["data"]


@contextmanager
def prometheus(folder: Path, target: str, rules: Path, *, every: str = "1s") -> Iterator[Prometheus]:
    """Looks at /metrics of that address as the job `syncd`, and goes through the rules, `every` so often."""
    program = find_program("prometheus")
    folder.mkdir(parents=True, exist_ok=True)
    plan = {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": [str(rules)],
        "scrape_configs": [{"job_name": "syncd", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(plan), "utf-8")
    address = f"127.0.0.1:{free_port()}"
    argv = (
        program,
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    )
    with (folder / "prometheus.log").open("wb") as output:
        process = spawn(argv, cwd=folder, output=output)
    try:
        with httpx.Client(base_url=f"http://{address}", timeout=10, trust_env=False) as client:
            made = Prometheus(client)
            until(made.is_ready, "Prometheus is ready")
            yield made
    finally:
        end(process, _STOP)
