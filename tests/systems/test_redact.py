"""What may be kept of a request: no credential, no more than so many bytes, and still what it was about."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncd import logs
from syncd.systems import redact

SECRET_NAMES = (
    "secret",
    "client_secret",
    "webhookSecret",
    "token",
    "access_token",
    "password",
    "Passwd",
    "Authorization",
    "api_key",
    "apiKey",
    "routing_key",
    "integration-key",
    "private_key",
    "Set-Cookie",
    "X-PagerDuty-Signature",
)
PLAIN_NAMES = ("key", "incident_key", "dedup_key", "alert_key", "keyword", "content", "email", "from", "title")


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_what_is_named_like_a_credential_is_masked(name: str) -> None:
    assert redact.body({name: "hush", "deep": [{name: {"in": "hush"}}]}) == {
        name: redact.MASK,
        "deep": [{name: redact.MASK}],
    }


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_what_names_a_record_or_a_person_stays(name: str) -> None:
    assert redact.body({name: "CS-7"}) == {name: "CS-7"}


def test_that_a_secret_was_absent_is_kept() -> None:
    assert redact.body({"secret": None}) == {"secret": None}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [redacted]"),
        ("Token token=abcdef", "Token token= [redacted]"),
        ("basic dXNlcjpwYXNz is wrong", "basic [redacted] is wrong"),
        ("signed with whsec_aGVsbG8=", "signed with [redacted]"),
        ("see https://me:pw@desk.test/x", "see https://[redacted]@desk.test/x"),
        ("From:ana.lima+oncall@mail.example.com.", "From:[redacted]."),
        ("ana@here, not an address", "ana@here, not an address"),
    ],
)
def test_credentials_inside_text_are_masked(text: str, kept: str) -> None:
    assert redact.text(text) == kept


SENTENCES = (
    "The bearer token is missing or wrong.",
    "Bearer authentication is required, basic credentials are not accepted.",
    "A bearer of bad news; basically a basic (and documented) rule.",
    "basic auth/bearer token-based schemes only: bearer <token>",
    "The Bearer: nobody's bearer, THE BEARER TOKEN.",
    "Bearer [redacted]",
    "basic  rules, bearer: none",
    "Say what to do with a bearer token…",
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_about_credentials_stays_a_sentence(sentence: str) -> None:
    assert redact.text(sentence) == sentence
    assert logs.redact(None, "", {"event": sentence}) == {"event": sentence}


@pytest.mark.parametrize("word", ["token", "Bearer", "secret", "key", "api"])
def test_a_word_that_somebody_typed_as_a_credential_garbles_no_sentence(word: str) -> None:
    sentence = "The bearer token is missing or wrong, and so is the secret API key of the Bearer."
    assert redact.text(sentence, [word]) == sentence
    assert redact.known({"said": [sentence]}, (word,)) == {"said": [sentence]}
    assert redact.body({"error": sentence}, [word]) == {"error": sentence}
    assert redact.body({"authorization": word}, [word]) == {"authorization": redact.MASK}, "by its name, as ever"


letters = "abcdefghijklmnopqrstuvwxyz"
tokens = st.one_of(
    st.uuids().map(str),
    st.binary(min_size=15, max_size=48).map(lambda raw: b64encode(raw).decode()),
    st.text(letters + "0123456789", min_size=6, max_size=40).map(lambda text: text + "7"),
    st.text(letters, min_size=20, max_size=40),
)
schemes = st.sampled_from(
    ["Bearer ", "bearer  ", "Basic ", "basic:", "bearer: ", "Token token=", "bearer Bearer ", "the basic Bearer "]
)
ends = st.sampled_from(["", " is wrong", ", sent by Ana", '"', "; try again"])


@given(schemes, tokens, ends)
def test_what_looks_like_a_credential_is_never_left(scheme: str, token: str, end: str) -> None:
    said = f"Refused: {scheme}{token}{end}"
    assert token not in redact.text(said)
    assert redact.text(said).endswith(end)
    assert token not in str(logs.redact(None, "", {"event": said}))


words = st.sampled_from(["The", "bearer", "token", "is", "missing", "or", "wrong", "basic", "Bearer", "it's", "not-so"])


@given(st.lists(words).map(" ".join), st.text(letters + "0123456789", min_size=12), st.lists(words).map(" ".join))
def test_a_known_secret_is_never_left_in_a_sentence_whatever_it_looks_like(
    before: str, secret: str, after: str
) -> None:
    assert secret not in redact.text(f"{before} {secret} {after}", [secret])


def test_a_query_keeps_its_names() -> None:
    assert redact.url("https://d.test/x?limit=2&api_key=abc&q") == "https://d.test/x?limit=2&api_key=[redacted]&q"


@pytest.mark.parametrize("value", [{"text": "ü" * 10_000}, "ü" * 10_000, "x" * 100_000, ["😀" * 9_000]])
def test_a_long_body_says_how_much_is_missing(value: object) -> None:
    kept = redact.body(value)
    assert isinstance(kept, str)
    whole = len((value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode())
    before, _, said = kept.rpartition(" … (")
    assert len(before.encode()) <= redact.BODY_LIMIT
    assert said == f"{whole - len(before.encode())} bytes cut)"


def test_a_body_that_fits_stays_as_it_is() -> None:
    value = [{"n": 1, "ok": True, "none": None, "x": 1.5}]
    assert redact.body(value) == value


leaves = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


@given(trees, st.sampled_from(SECRET_NAMES))
def test_a_known_secret_is_nowhere_in_what_is_kept(tree: object, name: str) -> None:
    secret = "zq-9137-known"
    value = {"tree": tree, name: secret, "said": [f"bad key {secret}!", {secret: 1}]}
    assert secret not in repr(redact.body(value, [secret]))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
said = st.sampled_from(
    ["Bearer abc", "basic abc", "token=abc", "whsec_YWJj", "https://me:pw@d.test", "\nbearer\tabc", 'q"abc']
)


@example('q"abc')
@given(
    st.recursive(
        texts | said, lambda inner: st.lists(inner) | st.dictionaries(texts | st.sampled_from(SECRET_NAMES), inner)
    )
)
def test_the_quick_look_misses_nothing_that_the_careful_one_finds(value: object) -> None:
    assert redact.body(value, ['q"abc']) == redact._masked(value, ('q"abc',))
