"""A password in the address of a server is looked for in the bundle, however it is spelled."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from syncd.connections.known import of_settings
from syncd.settings import Settings


@pytest.mark.parametrize(
    ("settings", "spellings"),
    [
        (Settings(database_url="postgresql://h/x?user=u&password=S3crt9x"), {"S3crt9x"}),
        (Settings(database_url="postgresql://u:S3cr/t9x@h/x"), {"S3cr/t9x"}),
        (Settings(database_url="postgresql://u:S3cr%2Ft9x@h/x"), {"S3cr%2Ft9x", "S3cr/t9x"}),
        (Settings(redis_url="redis://h/0?password=S3cr%2Bt9x"), {"S3cr%2Bt9x", "S3cr+t9x"}),
        (Settings(redis_url="redis://:S3cr@t9x@h/0"), {"S3cr@t9x"}),
        (Settings(notify_smtp_url=SecretStr("smtp://u:S3cr/t9x@h:25")), {"S3cr/t9x", "smtp://u:S3cr/t9x@h:25"}),
    ],
)
def test_the_password_of_an_address_is_known_in_each_spelling(settings: Settings, spellings: set[str]) -> None:
    assert spellings <= of_settings(settings, {})
    assert not any("***" in one for one in of_settings(settings, {}))
