"""What of an act is written down: on what and how, and never what only a few may read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pydantic import BaseModel, SecretStr

from syncd.console import bodies
from syncd.core.deeds import End, end_of, end_of_command, harmless
from syncd.credential import LIKE_A_KEY

SECRET = "tops3cret"


def _every_body() -> Sequence[type[BaseModel]]:
    found = [one for one in vars(bodies).values() if isinstance(one, type) and issubclass(one, bodies.Body)]
    assert len(found) > 40
    return found


def test_no_secret_and_no_words_of_any_request_are_kept() -> None:
    wordy = {"title", "body", "text", "why", "note", "summary", "details", "secret", "password", "labels"}
    for body in _every_body():
        kept = harmless(dict.fromkeys(body.model_fields, SECRET))
        assert not kept.keys() & wordy
        secrets = {name for name, field in body.model_fields.items() if field.annotation is SecretStr}
        assert not kept.keys() & secrets


def test_what_says_on_what_is_kept_in_short() -> None:
    given = {
        "name": "ci",
        "role": "viewer",
        "ids": [7, 8],
        "dry_run": False,
        "force": True,
        "to": None,
        "preset": "x" * 300,
    }
    assert harmless(given) == {"name": "ci", "role": "viewer", "ids": "7, 8", "force": "yes", "preset": "x" * 255}


def test_a_link_is_kept_by_its_number_and_an_address_is_not() -> None:
    assert harmless({"link": 7}) == {"link": "7"}
    assert harmless({"link": ["Board=https://b.example.com/?key=1"]}) == {}


def test_a_token_that_somebody_names_by_itself_is_not_kept() -> None:
    given = f"syncd_pat_0123456789ab_{'A' * 43}"
    assert harmless({"token": given, "name": f"of {given}!"}) == {"token": "syncd_pat_…", "name": "of syncd_pat_…!"}


@pytest.mark.parametrize(
    ("status", "end"),
    [(200, End.DONE), (303, End.DONE), (400, End.REFUSED), (429, End.REFUSED), (500, End.FAILED), (504, End.FAILED)],
)
def test_how_a_request_ended(status: int, end: End) -> None:
    assert end_of(status) is end


@pytest.mark.parametrize(
    ("code", "end"),
    [(0, End.DONE), (1, End.DONE), (2, End.REFUSED), (4, End.REFUSED), (3, End.FAILED), (130, End.FAILED)],
)
def test_how_a_command_ended(code: int, end: End) -> None:
    assert end_of_command(code) is end


def test_a_key_pasted_into_another_field_is_not_kept_and_a_record_keeps_its_name() -> None:
    given = {
        "name": "u+simfullkey00000000",
        "to": "a-token-of-a-desk",
        "credential": "a-token-of-a-desk",
        "slug": "acme",
    }
    assert harmless(given) == {"name": LIKE_A_KEY, "to": LIKE_A_KEY, "slug": "acme"}
    case = "e93facc04764012d7bfb002500d5d1a6"
    assert harmless({"key": case, "by": case}) == {"key": case, "by": LIKE_A_KEY}
