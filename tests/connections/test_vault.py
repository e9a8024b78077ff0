"""What is sealed comes back whole, for its own purpose alone, and no fault ever quotes a key."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from syncd.connections.vault import Vault, generate_key
from syncd.errors import Misconfigured
from syncd.settings import Settings

OLD, NEW = "old:" + base64.b64encode(b"o" * 32).decode(), "new:" + base64.b64encode(b"n" * 32).decode()
WORDS = st.text(st.characters(codec="utf-8"))


@given(purpose=st.text(st.characters(codec="utf-8"), max_size=40), plain=st.dictionaries(WORDS, WORDS))
def test_what_is_sealed_comes_back(purpose: str, plain: dict[str, str]) -> None:
    vault = Vault(NEW)
    assert vault.unseal(purpose, vault.seal(purpose, plain)) == plain


@given(at=st.integers(0, 200), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(at: int, bit: int) -> None:
    vault = Vault(NEW)
    sealed = bytearray(vault.seal("integration:pd", {"key": "0123456789"}))
    sealed[at % len(sealed)] ^= 1 << bit
    with pytest.raises(Misconfigured):
        vault.unseal("integration:pd", bytes(sealed))


@given(st.binary(max_size=64))
def test_what_was_never_sealed_is_refused_in_a_sentence(rubbish: bytes) -> None:
    with pytest.raises(Misconfigured):
        Vault(NEW).unseal("hook:pd", rubbish)


def test_it_cannot_be_moved_to_another_row() -> None:
    vault = Vault(NEW)
    with pytest.raises(Misconfigured, match="hook:b cannot be unsealed with master key new"):
        vault.unseal("hook:b", vault.seal("hook:a", {"secret": "s"}))


def test_the_same_secret_never_looks_the_same() -> None:
    vault = Vault(NEW)
    assert vault.seal("hook:a", {"secret": "s"}) != vault.seal("hook:a", {"secret": "s"})


def test_the_first_key_seals_and_any_unseals() -> None:
    sealed = Vault(OLD).seal("hook:a", {"secret": "s"})
    both = Vault(f"{NEW}, {OLD}")
    assert both.key_ids == ("new", "old")
    assert both.unseal("hook:a", sealed) == {"secret": "s"}
    assert both.sealed_by(sealed) == "old"
    assert both.sealed_by(both.seal("hook:a", {})) == "new"


def test_a_key_that_is_gone_is_named() -> None:
    sealed = Vault(OLD).seal("hook:a", {"secret": "s"})
    with pytest.raises(Misconfigured, match=r"hook:a was sealed with master key old, and the keys here are new"):
        Vault(NEW).unseal("hook:a", sealed)


def test_another_key_under_the_same_id_is_noticed() -> None:
    sealed = Vault(OLD).seal("hook:a", {"secret": "s"})
    other = "old:" + base64.b64encode(b"x" * 32).decode()
    with pytest.raises(Misconfigured, match="another key now has this id"):
        Vault(other).unseal("hook:a", sealed)
    assert not Vault(other).check("old", Vault(OLD).proof("old"))


def test_a_proof_holds_for_its_key_and_id_alone() -> None:
    vault = Vault(f"{NEW},{OLD}")
    assert vault.check("old", vault.proof("old"))
    assert not vault.check("new", vault.proof("old"))
    assert not vault.check("old", b"")


def test_generated_keys_work_and_differ() -> None:
    first, second = generate_key(), generate_key()
    assert first != second
    assert Vault(f"{first},{second}").unseal("p", Vault(first).seal("p", {"a": "b"})) == {"a": "b"}


def test_both_alphabets_of_base64_are_read() -> None:
    key = bytes(range(224, 256))
    plain, safe = base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode()
    assert plain != safe
    assert Vault(f"k:{safe}").unseal("p", Vault(f"k:{plain}").seal("p", {"a": "b"})) == {"a": "b"}


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("", "Master key number 1 has no id"),
        ("hunter2", "Master key number 1 has no id"),
        (f"{NEW},", "Master key number 2 has no id"),
        (f"{NEW},{NEW}", "Two master keys are called new"),
        ("k1:hunter2!", "Master key k1 is not base64"),
        ("k1:aHVudGVyMg==", "Master key k1 has 7 bytes"),
    ],
)
def test_a_wrong_key_is_described_and_never_quoted(keys: str, says: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        Vault.from_settings(Settings(master_keys=SecretStr(keys)))
    assert says in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "aHVudGVyMg" not in str(caught.value)


def test_a_vault_shows_no_key() -> None:
    assert "bm5u" not in repr(vars(Vault(NEW)))
