"""What may be kept of a request and its answer: credentials and e-mail addresses masked, size capped. Names stay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from syncd.credential import A_WORD, EMAIL, OUR_TOKEN

MASK = "[redacted]"
BODY_LIMIT = 8_192  # bytes kept of each body
_SECRET_NAME = re.compile(
    r"secret|token|passw|authori[sz]ation|credential|cookie|signature"
    # A bare "key" names a case and "incident_key" an incident: neither opens anything.
    r"|(?:api|app|access|private|routing|integration|service|signing|master|encryption|auth|client)[_-]?key",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    rf"(?i)\b((?:bearer|basic)(?=[\s:=]+(?![\s:=]|{A_WORD}))|token token=|token=)[\s:=]*[^\s\"'&,;]+"
    rf"|\bwhsec_[\w+/=-]+|\b{OUR_TOKEN}[\w-]+|(?<=://)[^/@\s]+(?=@)|\b{EMAIL}"
)

#: Somebody may have typed one of these as a credential. It opens nothing, and masked it would garble every sentence about them.
_WORDS_OF_OURS = {"token", "bearer", "basic", "key", "secret", "password", "credential", "api"}

# Looser than the two above: it may cry wolf, and must not miss what they would find.
_SUSPECT = re.compile(_SECRET_NAME.pattern + r"|bearer|basic|whsec_|@|" + OUR_TOKEN, re.IGNORECASE)


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def text(value: str, secrets: Iterable[str] = ()) -> str:
    """`secrets` are masked wherever they appear, since some systems quote a bad key in their error."""
    return _text(value, _values(secrets))


def _text(value: str, secrets: tuple[str, ...]) -> str:
    return _SECRET_TEXT.sub(_mask, _without(value, secrets))


def _without(value: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        value = value.replace(secret, MASK)
    return value


def _values(secrets: Iterable[str]) -> tuple[str, ...]:
    """Those that are masked wherever they appear: values, and no words that a sentence is made of."""
    return tuple(one for one in secrets if one and one.lower() not in _WORDS_OF_OURS)


def known(value: object, secrets: Iterable[str]) -> object:
    """The same value without these secrets, and with everything else as it was."""
    return _known(value, _values(secrets))


def _known(value: object, secrets: tuple[str, ...]) -> object:
    if isinstance(value, str):
        return _without(value, secrets)
    if isinstance(value, Mapping):
        return {_without(str(name), secrets): _known(item, secrets) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_known(item, secrets) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and str(value) in secrets:
        return MASK
    return value


def _mask(found: re.Match[str]) -> str:
    return f"{found[1]} {MASK}" if found[1] else MASK


def body(value: object, secrets: Iterable[str] = ()) -> object:
    """Ready for a row. What is too long becomes text that says how much is missing."""
    known, beyond = _values(secrets), 0
    if isinstance(value, str):  # A page of HTML may be long; nobody will see its end.
        value, beyond = value[: 2 * BODY_LIMIT], len(value[2 * BODY_LIMIT :].encode())
    whole = _written(value)
    if _is_suspect(whole, known):
        value = _masked(value, known)
        whole = _written(value)
    return _cut(value, whole, beyond)


def whole(value: object, secrets: Iterable[str] = ()) -> object:
    """The same, however long it is: for who passes on more than a row."""
    return _masked(value, _values(secrets))


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_suspect(whole: str, secrets: tuple[str, ...]) -> bool:
    """Most bodies hold nothing to hide, and one look at the whole is far cheaper than one at every part."""
    # A text is looked at as it is, and a secret inside a document as JSON spells it.
    spelled = {spelling for secret in secrets for spelling in (secret, _written([secret])[2:-2])}
    return _SUSPECT.search(whole) is not None or any(one in whole for one in spelled)


def _masked(value: object, secrets: tuple[str, ...]) -> object:
    if isinstance(value, str):
        return _text(value, secrets)
    if isinstance(value, Mapping):
        return {_text(name, secrets): _hidden(name, item, secrets) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item, secrets) for item in value]
    return value


def _hidden(name: str, item: object, secrets: tuple[str, ...]) -> object:
    """Null stays null: that a secret was absent is worth knowing."""
    if item is not None and is_secret_name(name):
        return MASK
    return _masked(item, secrets)


def _cut(value: object, whole: str, beyond: int) -> object:
    data = whole.encode()
    if len(data) + beyond <= BODY_LIMIT:
        return value
    kept = data[:BODY_LIMIT].decode(errors="ignore")
    return f"{kept} … ({len(data) + beyond - len(kept.encode())} bytes cut)"


def url(value: str, secrets: Iterable[str] = ()) -> str:
    """The address with the values of secret-looking parameters masked."""
    before, mark, query = text(value, secrets).partition("?")
    if not mark:
        return before
    pairs = [pair.partition("=") for pair in query.split("&")]
    return (
        before
        + "?"
        + "&".join(f"{name}={MASK}" if is_secret_name(name) else name + eq + val for name, eq, val in pairs)
    )
