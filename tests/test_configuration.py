"""Where a setting may stand, which place wins, and what is said about one that is wrong."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from syncd.cli.main import COMMANDS
from syncd.cli.main import load as commands
from syncd.configuration import load
from syncd.errors import Misconfigured
from syncd.outgoing import PUBLIC_ONLY
from syncd.settings import Settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file or variable of the person who runs the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("CREDENTIALS_DIRECTORY", *(name for name in os.environ if name.startswith("SYNCD_"))):
        monkeypatch.delenv(name, raising=False)


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_set_is_the_embedded_store_in_the_state_folder(tmp_path: Path) -> None:
    found = load()
    assert found.home == tmp_path / "state" / "syncd"
    assert found.sql_url() == f"sqlite:///{tmp_path}/state/syncd/syncd.db"
    assert (found.redis_py_url(), found.celery_url()) == ("", "")
    assert set(found.origins().values()) == {"default"}


def test_a_relative_state_folder_counts_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load().home == tmp_path / ".local" / "state" / "syncd"


def test_flags_win_over_the_environment_over_secret_files_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "syncd.toml", 'http_port = 1\nsim_port = 1\napi_token = "t"\nhttp_host = "::1"\n')
    for name, value in {"http_port": "2", "sim_port": "2", "api_token": "u\n"}.items():
        written(tmp_path / "secrets" / name, value)
    monkeypatch.setenv("SYNCD_SECRETS_DIR", str(tmp_path / "secrets"))
    monkeypatch.setenv("SYNCD_HTTP_PORT", "3")
    monkeypatch.setenv("SYNCD_SIM_PORT", "3")
    found = load(http_port=4, log_level=None)
    assert (found.http_port, found.sim_port, found.http_host) == (4, 3, "::1")
    assert found.api_token.get_secret_value() == "u"
    origins = found.origins()
    assert origins["http_port"] == "--port"
    assert origins["sim_port"] == "SYNCD_SIM_PORT"
    assert origins["api_token"] == str(tmp_path / "secrets" / "api_token")
    assert origins["http_host"] == "syncd.toml"
    assert origins["log_level"] == "default"


def test_the_folder_systemd_gives_is_read_and_the_named_one_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, token in (("given", "a"), ("named", "b")):
        written(tmp_path / folder / "api_token", token)
    written(tmp_path / "given" / "master_keys", "k1:x")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "given"))
    monkeypatch.setenv("SYNCD_SECRETS_DIR", str(tmp_path / "named"))
    found = load()
    assert found.api_token == SecretStr("b")
    assert found.master_keys == SecretStr("k1:x")


def test_only_the_first_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "syncd.toml", "http_port = 1\nsim_port = 1\n")
    written(tmp_path / "named.toml", "http_port = 2\n")
    written(tmp_path / "flag.toml", "http_port = 3\n")
    monkeypatch.setenv("SYNCD_CONFIG", str(tmp_path / "named.toml"))
    assert (load().http_port, load().sim_port) == (2, Settings().sim_port)
    assert load(tmp_path / "flag.toml").http_port == 3


def test_a_dollar_sign_is_a_dollar_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "syncd.toml", 'api_token = "$HOME${HOME}"\n')
    assert load().api_token.get_secret_value() == "$HOME${HOME}"


def test_every_fault_is_named_at_once_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "syncd.toml", 'databse_url = "x"\nwobble = 1\nhttp_port = "many"\n')
    monkeypatch.setenv("SYNCD_WORKER_THREADS", "0")
    monkeypatch.setenv("SYNCD_REDIS_ULR", "redis://here")
    monkeypatch.setenv("SYNCD_SOMETHING_ELSE", "1")
    with pytest.raises(Misconfigured) as caught:
        load(public_url="ftp://here")
    assert str(caught.value).splitlines() == [
        "syncd.toml: databse_url: no such key, did you mean database_url?",
        "syncd.toml: wobble: no such key.",
        "SYNCD_REDIS_ULR: no such setting, did you mean SYNCD_REDIS_URL?",
        "--public-url is 'ftp://here'; it takes an address that begins with https:// or http:// and names a host.",
        "syncd.toml: http_port is 'many'; it takes a whole number, at least 0, at most 65535.",
        "SYNCD_WORKER_THREADS is '0'; it takes a whole number, at least 1, at most 64.",
    ]


#: A wrong value of every setting there is, and what is said of it.
WRONG = {
    "home": ("~nobody-has-this-name/x", "'~nobody-has-this-name/x'; it takes the path of a folder, and a ~ in it only"),
    "database_url": (
        "postgresql://u:hunter2@127.0.0.1:abc/x",
        "not valid; it takes sqlite:////path/file.db or postgresql://user:password@host/name, with / # ? @ : and % in",
    ),
    "redis_url": (
        "http://user:hunter2@here",
        "not valid; it takes redis://:password@host:port/number, rediss://host or unix:///path/of.sock, with / # ? @ :",
    ),
    "redis_key_prefix": ("a b", "'a b'; it takes text without spaces and braces."),
    "master_keys": (["hunter2"], "not valid; it takes text."),
    "api_token": (["hunter2"], "not valid; it takes text."),
    "public_url": ("ftp://me:hunter2@here", "'ftp://me:***@here'; it takes an address that begins with https:// or"),
    "outgoing_allow": (
        "10.1.0.0/8",
        "'10.1.0.0/8'; it takes networks like 10.0.0.0/8, addresses, names like desk.internal,",
    ),
    "http_host": (5, "5; it takes text."),
    "console_url": ("console", "'console'; it takes an address that begins with https:// or"),
    "console_host": (7, "7; it takes text"),
    "console_port": (-1, "-1; it takes a whole number, at least 0, at most 65535."),
    "http_port": ("1\n2", r"'1\n2'; it takes a whole number, at least 0, at most 65535."),
    "metrics_host": (5, "5; it takes text."),
    "metrics_port": (-1, "-1; it takes a whole number, at least 0, at most 65535."),
    "notify_webhook_url": (["hunter2"], "not valid; it takes text."),
    "notify_webhook_secret": (["hunter2"], "not valid; it takes text."),
    "notify_slack_url": (["hunter2"], "not valid; it takes text."),
    "notify_smtp_url": (["hunter2"], "not valid; it takes text."),
    "notify_mail_from": (5, "5; it takes text."),
    "notify_mail_to": (5, "5; it takes text."),
    "sim_port": (70_000, "70000; it takes a whole number, at least 0, at most 65535."),
    "log_level": ("loud", "'loud'; it takes debug, info, warning or error."),
    "worker_threads": ("9" * 90, f"'{'9' * 76}...; it takes a whole number, at least 1, at most 64."),
    "worker_processes": ("", "''; it takes a whole number, at least 1, at most 64."),
    "budget_processes": (-1, "-1; it takes a whole number, at least 0, at most 1024."),
    "pagerduty_requests": (0, "0; it takes a whole number, at least 1, at most 100000."),
    "service_key_events": ("many", "'many'; it takes a whole number, at least 1, at most 100000."),
    "loop_changes": (1, "1; it takes a whole number, at least 2, at most 10000."),
    "loop_notes": (1, "1; it takes a whole number, at least 2, at most 10000."),
    "sweep_s": (0, "0; it takes a number, above 0, at most 60."),
    "hook_max_bytes": (1, "1; it takes a whole number, at least 1024, at most 16777216."),
    "hook_deadline_s": ("soon", "'soon'; it takes a number, above 0, at most 60."),
    "http_connections": (1.5, "1.5; it takes a whole number, at least 8."),
    "keep_hook_bodies_days": (
        0,
        '0; it takes a whole number of days, at least 8, at most 36500, or the word "forever".',
    ),
    "keep_hooks_days": (29, "29; it takes a whole number of days, from keep_hook_bodies_days to 36500, or the word"),
    "keep_deliveries_days": ("12", "'12'; it takes a whole number of days, from keep_hook_bodies_days to 36500, or"),
    "evidence_log_strategy": ("both", "'both'; it takes auto, incident or account."),
    "evidence_roster": (5, "5; it takes text."),
    "evidence": (5, "5; it takes a table, [evidence], in a TOML file."),
    "unlinked_minutes": (-1, "-1; it takes a whole number, at least 0, at most 1440."),
}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_wrong_value_is_a_sentence_of_ours_on_one_line_without_secrets(name: str) -> None:
    value, says = WRONG[name]
    with pytest.raises(Misconfigured) as caught:
        load(None, **{name: value})
    sentence = str(caught.value)
    assert sentence.startswith("--")
    assert f" is {says}" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("name", "value", "command"), [("http_port", 1, "up"), ("http_host", "::1", "up"), ("sim_port", 1, "sim")]
)
def test_a_flag_is_called_what_people_type(name: str, value: object, command: str) -> None:
    flag = load(None, **{name: value}).origins()[name]
    assert flag in [option for each in commands(COMMANDS[command]).params for option in each.opts]


def test_a_secrets_own_file_is_named_and_one_of_many_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = written(tmp_path / "secrets" / "http_port", "x")
    monkeypatch.setenv("SYNCD_SECRETS_DIR", str(secret.parent))
    file = written(tmp_path / "sim_port.toml", "sim_port = -1\n")
    with pytest.raises(Misconfigured) as caught:
        load(file)
    assert [line.partition(" is ")[0] for line in str(caught.value).splitlines()] == [
        str(secret),
        f"{file}: sim_port",
    ]


@pytest.mark.parametrize(
    "text",
    ["this is no TOML", "a = 1\na = 2\n", f"http_port = {'1' * 5_000}", "a = " + "[" * 9_000, "a = " + "{a=" * 9_000],
)
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(Misconfigured, match=r"odd\.toml: it cannot be read as TOML"):
        load(written(tmp_path / "odd.toml", text))


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert load(written(tmp_path / "marked.toml", "\ufeffhttp_port = 1\n")).http_port == 1


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"missing\.toml: .*No such file"):
        load(tmp_path / "missing.toml")


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "syncd.toml", "http_port = 1\n")
    monkeypatch.setenv("SYNCD_HTTP_PORT", "")
    assert load().http_port == 1


def test_openings_are_a_line_of_words_or_a_list_of_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "syncd.toml", 'outgoing_allow = ["10.0.0.0/8", "desk.internal:443"]\n')
    assert load().outgoing_allow == "10.0.0.0/8,desk.internal:443"
    monkeypatch.setenv("SYNCD_OUTGOING_ALLOW", " 10.0.0.0/8, desk.internal:443 ")
    assert load().outgoing_allow == "10.0.0.0/8,desk.internal:443"
    load().outgoing().refuse("desk.internal", 443, ["192.168.0.1", "10.0.0.1"])
    assert Settings().outgoing() == PUBLIC_ONLY


def test_an_opening_that_is_none_is_told_with_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_OUTGOING_ALLOW", "10.1.0.0/8")
    with pytest.raises(Misconfigured) as caught:
        load()
    assert str(caught.value) == (
        "SYNCD_OUTGOING_ALLOW is '10.1.0.0/8'; it takes networks like 10.0.0.0/8, addresses, names like desk.internal, "
        "name:port or address:port, with commas between."
    )


@pytest.mark.parametrize("written", ["forever", "for ever", "Forever"])
def test_for_ever_is_a_word(written: str) -> None:
    found = load(keep_hook_bodies_days=written, keep_hooks_days=written, keep_deliveries_days=written)
    assert (found.keep_hook_bodies_days, found.keep_hooks_days, found.keep_deliveries_days) == ("forever",) * 3
    assert found.shown()["keep_deliveries_days"] == "forever"


def test_how_long_things_are_kept_comes_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_KEEP_HOOK_BODIES_DAYS", "14")
    monkeypatch.setenv("SYNCD_KEEP_DELIVERIES_DAYS", "forever")
    found = load()
    assert (found.keep_hook_bodies_days, found.keep_hooks_days, found.keep_deliveries_days) == (14, 400, "forever")


@pytest.mark.parametrize("bodies", [401, "forever"])
def test_bodies_that_would_outlive_the_default_of_the_rest_are_refused(bodies: object) -> None:
    with pytest.raises(Misconfigured) as caught:
        load(keep_hook_bodies_days=bodies)
    assert [line.partition(";")[0] for line in str(caught.value).splitlines()] == [
        "its default: keep_hooks_days is 400",
        "its default: keep_deliveries_days is 400",
    ]


SECRET_SETTINGS = {
    "master_keys": "k1:" + "a" * 43 + "=",
    "api_token": "a-token-of-thirty-two-characters",
    "database_url": "postgresql+psycopg://syncd:hunter2@db/syncd",
    "redis_url": "rediss://:hunter2@cache:6379/0",
}
#: A password that was not encoded moves the end of the host, and a library would look part of it up, or quote it.
HALF_RIGHT = (
    ("redis_url", "redis://:hunt+er/2x@127.0.0.1:6379/0"),
    ("redis_url", "redis://:hunter@cache/zero"),
    ("redis_url", "redis://cache/0?password=hunter&x=2"),
    ("database_url", "postgresql://u:hunt@er2@h/x"),
    ("database_url", "postgresql://u:hunter@127.0.0.1:abc/x"),
    ("database_url", "hunter2"),
)


@pytest.mark.parametrize("way", ["CREDENTIALS_DIRECTORY", "SYNCD_SECRETS_DIR", "environment"])
@pytest.mark.parametrize("name", SECRET_SETTINGS)
def test_every_secret_setting_comes_by_every_way_and_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, way: str
) -> None:
    given = SECRET_SETTINGS[name]
    if way == "environment":
        monkeypatch.setenv(f"SYNCD_{name.upper()}", given)
    else:
        (tmp_path / name).write_text(f"{given}\n")
        monkeypatch.setenv(way, str(tmp_path))
    found = load()
    value = getattr(found, name)
    assert (value.get_secret_value() if isinstance(value, SecretStr) else value) == given
    shown = found.shown()[name]
    assert shown == f"…{given[-4:]}" if isinstance(value, SecretStr) else "hunter2" not in shown


@pytest.mark.parametrize("address", ["http://here:99999", "https://here:x", "http://here:0", "http://[", "https://"])
def test_an_address_that_nothing_can_be_reached_at_is_refused_when_it_is_read(address: str) -> None:
    with pytest.raises(Misconfigured, match="it takes an address"):
        load(console_url=address)


@pytest.mark.parametrize(("name", "value"), HALF_RIGHT)
def test_an_address_that_is_half_right_is_refused_when_it_is_read_and_not_quoted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SYNCD_{name.upper()}", value)
    with pytest.raises(Misconfigured) as caught:
        load()
    told = "".join(traceback.format_exception(caught.value))
    assert f"SYNCD_{name.upper()} is not valid; it takes " in told
    assert "% in a password written %2F %23 %3F %40 %3A and %25." in told
    assert not re.search("hunt|er2|er/2|abc|zero", told.rpartition("Misconfigured: ")[2])
