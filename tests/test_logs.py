"""One line for each event, for machines or for people, and no secret in any of them, whoever spoke."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from syncd import logs


@contextmanager
def spoken(level: str = "info", *, is_tty: bool = False) -> Iterator[io.StringIO]:
    """What is said meanwhile; afterwards everything is set up as it was."""
    root = logging.getLogger()
    before, had = root.level, list(root.handlers)
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore", "kombu", "sqlalchemy", "asyncio")}
    stream = io.StringIO()
    logs.configure(level, is_tty=is_tty, stream=stream)
    try:
        yield stream
    finally:
        structlog.reset_defaults()
        root.handlers = had
        root.setLevel(before)
        for name, was in levels.items():
            logging.getLogger(name).setLevel(was)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_its_facts() -> None:
    with spoken() as stream:
        structlog.stdlib.get_logger("syncd.flow").info("errand.delivered", errand=7, link=3)
    (line,) = lines(stream)
    assert line["timestamp"].endswith("Z")
    assert {**line, "timestamp": ""} == {
        "event": "errand.delivered",
        "errand": 7,
        "link": 3,
        "level": "info",
        "logger": "syncd.flow",
        "timestamp": "",
    }


def test_what_is_below_the_level_is_not_said() -> None:
    with spoken("warning") as stream:
        structlog.stdlib.get_logger().info("errand.delivered")
        structlog.stdlib.get_logger().warning("broker.lost")
    assert [line["event"] for line in lines(stream)] == ["broker.lost"]


@pytest.mark.parametrize("name", ["uvicorn.error", "celery", "celery.task", "alembic.runtime", "anything"])
def test_other_libraries_speak_the_same_way_once(name: str) -> None:
    with spoken() as stream:
        logging.getLogger(name).warning("lost %s", "Token token=hunter2")
    (line,) = lines(stream)
    assert (line["event"], line["logger"], line["level"]) == ("lost Token token=***", name, "warning")


def test_a_person_gets_text() -> None:
    with spoken(is_tty=True) as stream:
        structlog.stdlib.get_logger().info("errand.delivered", errand=7, api_token="hunter2")
    assert "errand.delivered" in stream.getvalue()
    assert "{" not in stream.getvalue()
    assert "hunter2" not in stream.getvalue()


SECRETS = [
    {"api_token": "hunter2"},
    {"password": "hunter2"},
    {"webhookSecret": "hunter2"},
    {"Authorization": "hunter2"},
    {"master_keys": "hunter2"},
    {"key": "hunter2"},
    {"set-cookie": "hunter2"},
    {"settings": {"nested": [{"API_KEY": "hunter2"}]}},
    {"setting": SecretStr("hunter2")},
    {"settings": [SecretStr("hunter2")]},
    {"url": "postgresql+psycopg://syncd:hunter2@db/syncd"},
    {"url": "postgresql://db/syncd?user=syncd&password=hunter2"},
    {"why": "cannot use redis://:p/hunter2@cache:6379/0"},
    {"why": "cannot use 'redis://:a@hunter2@cache:6379/0'"},
    {"header": "Token token=hunter2"},
    {"header": "Bearer hunter2"},
    {"secret_like": ("whsec_hunter2",)},
    {"text": "whsec_hunter2"},
    {"body": b"hunter2"},
]


@pytest.mark.parametrize("is_tty", [True, False])
@pytest.mark.parametrize("facts", SECRETS, ids=repr)
def test_no_secret_is_said(facts: dict[str, Any], is_tty: bool) -> None:
    with spoken(is_tty=is_tty) as stream:
        structlog.stdlib.get_logger().info("account.opened", **facts)
    assert "account.opened" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()


@pytest.mark.parametrize("is_tty", [True, False])
def test_a_traceback_shows_no_secret_and_no_local_variable(is_tty: bool) -> None:
    def fail(value: str) -> None:
        raise ValueError(f"It was sent with {value[:6]} {value[7:]}.")

    with spoken(is_tty=is_tty) as stream:
        try:
            fail("Bearer hunter2")
        except ValueError:
            structlog.stdlib.get_logger().exception("account.broke")
    assert "ValueError" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()


def test_a_port_is_no_password() -> None:
    with spoken() as stream:
        structlog.stdlib.get_logger().info("web.listens", at="http://127.0.0.1:8080/ (write to ops@example.com)")
    assert lines(stream)[0]["at"].startswith("http://127.0.0.1:8080/")


@pytest.mark.parametrize("name", ["event_key", "key_id", "key_ids", "incident_key", "case", "monkey", "author"])
def test_names_that_open_nothing_are_shown(name: str) -> None:
    with spoken() as stream:
        structlog.stdlib.get_logger().info("hook.taken", **{name: "CS-1042"})
    assert lines(stream)[0][name] == "CS-1042"


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=20)
)
def test_anything_can_be_said(value: object) -> None:
    cleaned = logs.redact(None, "", {"event": "hook.taken", "value": value})
    json.dumps(cleaned)


def test_what_is_nested_without_end_is_cut() -> None:
    value: list[object] = []
    value.append(value)
    assert "..." in json.dumps(logs.redact(None, "", {"event": "x", "value": value}))


@given(st.text())
def test_no_word_of_others_draws_on_the_terminal_of_whoever_watches(text: str) -> None:
    with spoken(is_tty=True) as stream:
        structlog.stdlib.get_logger("syncd.flow").warning(
            "hook.rejected", why=f"{text}\x1b[2J\x9b31m\u202e\r\n!", of=[text]
        )
    said = _COLOURS.sub("", stream.getvalue())
    assert said.count("\n") == 1
    assert said.removesuffix("\n").isprintable()


def test_a_traceback_keeps_its_lines_and_draws_nothing() -> None:
    with spoken(is_tty=True) as stream:
        try:
            int("\x1b[2Jgone")
        except ValueError:
            structlog.stdlib.get_logger("syncd").exception("it.broke")
    said = _COLOURS.sub("", stream.getvalue())
    assert "ValueError: invalid literal" in said
    assert "\x1b" not in said
    assert len(said.splitlines()) > 3


_COLOURS = re.compile(r"\x1b\[\d+m")  # our own, of one number each
