"""What settings are, once they are made: fixed, shown without secrets, spelled for those who use them."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from syncd.settings import Settings


def test_a_validation_error_never_quotes_an_address() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(redis_url="http://user:hunter2@here")
    assert "hunter2" not in str(refused.value)


def test_no_secret_is_in_its_repr_or_in_what_is_shown() -> None:
    found = Settings(
        master_keys=SecretStr("k1:hunter1"),
        api_token=SecretStr("hunter2"),
        database_url="postgresql+psycopg://syncd:hunter3@db/syncd",
        redis_url="rediss://:hunter4@cache:6379/0",
    )
    assert "hunter" not in repr(found)
    assert "hunter" not in str(dict(found.shown()))
    assert found.shown()["database_url"] == "postgresql+psycopg://syncd:***@db/syncd"


@pytest.mark.parametrize(
    "settings",
    [
        Settings(database_url="postgresql://h/x?user=u&password=S3crt9x"),
        Settings(database_url="postgresql://u:S3cr/t9x@h/x"),
        Settings(redis_url="redis://h/0?password=S3cr+t%2F9x"),
        Settings(redis_url="redis://:S3cr@t9x@h/0"),
        Settings(public_url="https://u:S3cr@t9x@h/x"),
    ],
)
def test_no_spelling_of_an_address_shows_its_password(settings: Settings) -> None:
    shown = str(dict(settings.shown()))
    assert "***" in shown
    assert "S3cr" not in shown
    assert "9x" not in shown


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().http_port = 1  # type: ignore[misc]  # What the test is about.


@pytest.mark.parametrize(
    ("given", "for_redis_py", "for_celery"),
    [
        ("redis://cache:6379/2", "redis://cache:6379/2", "redis://cache:6379/2"),
        ("unix:///run/vk.sock", "unix:///run/vk.sock", "redis+socket:///run/vk.sock"),
        ("redis+socket:///run/vk.sock", "unix:///run/vk.sock", "redis+socket:///run/vk.sock"),
        ("unix:///run/vk.sock?db=3", "unix:///run/vk.sock?db=3", "redis+socket:///run/vk.sock?virtual_host=3"),
        ("rediss://u:p@cache/0", "rediss://u:p@cache/0", "rediss://u:p@cache/0?ssl_cert_reqs=required"),
        (
            "rediss://cache/0?ssl_ca_certs=/ca.pem&ssl_cert_reqs=none",
            "rediss://cache/0?ssl_ca_certs=/ca.pem&ssl_cert_reqs=none",
            "rediss://cache/0?ssl_ca_certs=/ca.pem&ssl_cert_reqs=none",
        ),
        ("redis://cache?db=3&password=a%2Fb", "redis://cache?db=3&password=a%2Fb", "redis://:a%2Fb@cache/3"),
        ("", "", ""),
    ],
)
def test_one_redis_address_is_spelled_for_both_clients(given: str, for_redis_py: str, for_celery: str) -> None:
    found = Settings(redis_url=given)
    assert found.redis_py_url() == for_redis_py
    assert found.celery_url() == for_celery


def test_of_a_short_secret_nothing_is_shown() -> None:
    assert Settings(api_token=SecretStr("hunter2")).shown()["api_token"] == "…"
    assert Settings().shown()["api_token"] == ""
