"""Standard Webhooks: the published vector, the published pitfalls, and agreement with the PyPI package."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from syncd.errors import BadSignature, NoSecret
from syncd.systems.port import Hook
from syncd.systems.verifiers import standard_id, verify_standard

# The standard's own example.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
STAMP = "1614265330"
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NOW = datetime.fromtimestamp(int(STAMP), UTC)
OTHER = "whsec_" + base64.b64encode(b"another secret of a source").decode()


def hook(
    signature: str = SIGNATURE,
    *,
    body: bytes = BODY,
    message_id: str = ID,
    stamp: str = STAMP,
    at: datetime = NOW,
) -> Hook:
    headers = {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": signature}
    return Hook(headers, body, at)


@pytest.mark.parametrize(
    "signature",
    [
        SIGNATURE,
        f"v1 {SIGNATURE}",
        f"junk {SIGNATURE}",
        f"v1a,AAAA v1,AAAA {SIGNATURE} v2,BBBB",
        f"v1,%%% {SIGNATURE}",
        f"v1,naïve {SIGNATURE}",
        f"{SIGNATURE}, v1,AAAA",  # Two headers of one name, as they reach us.
        f"v1,AAAA, {SIGNATURE}",
    ],
)
@pytest.mark.parametrize("secrets", [[SECRET], [OTHER, SECRET], [SECRET, OTHER, "whsec_%%%", ""], [SECRET[6:]]])
def test_one_good_signature_by_one_of_our_secrets_is_enough(signature: str, secrets: list[str]) -> None:
    verify_standard(hook(signature), secrets)


@pytest.mark.parametrize(
    "signature", ["", " ", "v1", "v1,", ",", "v1,AAAA", "v1a," + SIGNATURE[3:], SIGNATURE[3:], SIGNATURE[:-1]]
)
def test_anything_else_is_no_signature(signature: str) -> None:
    with pytest.raises(BadSignature):
        verify_standard(hook(signature), [SECRET])


def test_everything_signed_counts() -> None:
    changed = (
        hook(body=BODY + b" "),
        hook(message_id=ID + "x"),
        hook(stamp=str(int(STAMP) + 1)),
        hook(message_id=f"{ID}.{STAMP[:3]}", stamp=STAMP[3:]),
    )
    for one in changed:
        with pytest.raises(BadSignature):
            verify_standard(one, [SECRET])
    with pytest.raises(BadSignature):
        verify_standard(hook(), [OTHER])


@pytest.mark.parametrize("stamp", ["", "x", "-1", "1614265330.5", "1e9", "١٦١٤٢٦٥٣٣٠", "9" * 40, " 1614265330"])
def test_a_time_is_whole_seconds(stamp: str) -> None:
    with pytest.raises(BadSignature):
        verify_standard(hook(stamp=stamp), [SECRET])


@pytest.mark.parametrize("message_id", ["", "x" * 256, "a\nb", "naïve"])
def test_an_id_is_needed(message_id: str) -> None:
    with pytest.raises(BadSignature):
        verify_standard(hook(message_id=message_id), [SECRET])


def test_missing_headers_are_refused() -> None:
    with pytest.raises(BadSignature):
        verify_standard(Hook({}, BODY, NOW), [SECRET])
    assert standard_id(Hook({}, BODY, NOW)) is None


@pytest.mark.parametrize("seconds", [300, -300])
def test_five_minutes_are_let_pass_both_ways(seconds: int) -> None:
    verify_standard(hook(at=NOW + timedelta(seconds=seconds)), [SECRET])


@pytest.mark.parametrize("seconds", [301, -301])
def test_more_than_five_minutes_are_not(seconds: int) -> None:
    with pytest.raises(BadSignature):
        verify_standard(hook(at=NOW + timedelta(seconds=seconds)), [SECRET])


@pytest.mark.parametrize("secrets", [[], [""], ["whsec_"], ["whsec_%%%"], ["whsec_c2hvcnQ="], ["plain-not-base64!!"]])
def test_without_a_usable_secret_it_is_our_trouble(secrets: list[str]) -> None:
    with pytest.raises(NoSecret):
        verify_standard(hook(), secrets)


@given(
    st.binary(),
    st.binary(min_size=24, max_size=64),
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=40),
)
def test_what_the_package_signs_is_taken(body: bytes, key: bytes, message_id: str) -> None:
    text = body.decode("latin-1")
    secret = "whsec_" + base64.b64encode(key).decode()
    signature = Webhook(secret).sign(message_id, NOW, text)
    verify_standard(hook(signature, body=text.encode(), message_id=message_id), [OTHER, secret])


@given(st.text(), st.text(), st.text(), st.binary())
def test_nothing_but_a_refusal_comes_out(message_id: str, stamp: str, signature: str, body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify_standard(hook(signature, body=body, message_id=message_id, stamp=stamp), [SECRET])
