"""Signatures of webhooks: our own vectors, the published ones where they are, and everything that is no signature."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.errors import BadSignature, NoSecret
from syncd.simulator import signing
from syncd.systems.pagerduty.signature import verify
from syncd.systems.port import Hook

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "c2VjcmV0LWFzLXRleHQ="
BODY = b'{"event":{"id":"01ABC"}}'
# Computed with openssl dgst -sha256 -hmac, so that nothing of ours is its own judge.
GOOD = "v1=173eb3a863e96e3d0276bf3dce6b3b14815ed09f39744647edc0e75c952770ae"


def hook(header: str | None, body: bytes = BODY) -> Hook:
    return Hook({} if header is None else {"x-pagerduty-signature": header}, body, NOW)


@pytest.mark.parametrize(
    "header",
    [
        GOOD,
        f" {GOOD} ",
        f"v1=00,{GOOD}",
        f"{GOOD},v1=00",
        f"v1=00 ,\r\n {GOOD}",
        f"v0=zz,v2={GOOD[3:]}, {GOOD}",
        f",,{GOOD}",
        f"v1=naïve,{GOOD}",
    ],
)
@pytest.mark.parametrize("secrets", [[SECRET], ["other", SECRET], [SECRET, ""]])
def test_one_good_signature_by_one_of_our_secrets_is_enough(header: str, secrets: list[str]) -> None:
    verify(hook(header), secrets)


@pytest.mark.parametrize(
    "header",
    [None, "", ",", "v1=", "v1", GOOD[3:], GOOD.upper(), GOOD[:-1], GOOD + "0", GOOD.replace("v1", "v2"), f"v1={GOOD}"],
)
def test_anything_else_is_no_signature(header: str | None) -> None:
    with pytest.raises(BadSignature):
        verify(hook(header), [SECRET])


def test_the_body_is_taken_byte_for_byte() -> None:
    with pytest.raises(BadSignature):
        verify(hook(GOOD, BODY + b"\n"), [SECRET])
    with pytest.raises(BadSignature):
        verify(hook(GOOD), ["other"])


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_without_a_secret_it_is_our_trouble_and_never_a_pass(secrets: list[str]) -> None:
    for header in (GOOD, signing.pagerduty([""], BODY)):
        with pytest.raises(NoSecret):
            verify(hook(header), secrets)


@given(st.text(), st.binary())
def test_nothing_but_a_refusal_comes_out(header: str, body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(hook(header, body), [SECRET])


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=4), st.binary(), st.data())
def test_any_of_several_active_secrets_is_enough(secrets: list[str], body: bytes, data: st.DataObject) -> None:
    held = data.draw(st.sampled_from(secrets))
    verify(hook(signing.pagerduty(secrets, body), body), ["not it", held])


def test_the_published_vectors(webhooks_shared: Path) -> None:
    vectors = json.loads((webhooks_shared / "signature_vectors.json").read_text())["vectors"]
    assert {it["verified"] for it in vectors} == {True, False}
    for it in vectors:
        one = hook(it["header"], it["body"].encode())
        if it["verified"]:
            verify(one, [it["secret"]])
        else:
            with pytest.raises(BadSignature):
                verify(one, [it["secret"]])
