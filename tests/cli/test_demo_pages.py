"""The demo page is there only in a web process that the demo has started."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from syncd.cli import demo_pages
from syncd.settings import Settings
from syncd.simulator import KEYS

SIM = "http://127.0.0.1:8081"


def settings(host: str = "127.0.0.1") -> Settings:
    return Settings(home=Path("/nonexistent"), console_host=host, console_port=9000, api_token=SecretStr("api-secret"))


def test_a_web_process_of_its_own_has_no_demo_page() -> None:
    assert demo_pages.plan_from_environment({}, settings()) is None
    assert demo_pages.plan_from_environment({demo_pages.VARIABLE: ""}, settings()) is None


def test_what_the_demo_tells_its_web_process_arrives() -> None:
    plan = demo_pages.plan_from_environment(demo_pages.environment(SIM), settings())
    assert plan is not None
    assert (plan.sim_url, plan.sim_key) == (SIM, KEYS.full)
    assert (plan.api_url, plan.api_token) == ("http://127.0.0.1:9000", "api-secret")
    assert "api-secret" not in repr(plan)


def test_whoever_listens_everywhere_is_reached_here() -> None:
    for host, reached in (("0.0.0.0", "http://127.0.0.1:9000"), ("::", "http://[::1]:9000")):
        plan = demo_pages.plan_from_environment(demo_pages.environment(SIM), settings(host))
        assert plan is not None
        assert plan.api_url == reached
