"""Which fields of what is sealed are secrets, and are masked wherever they appear; masked like them, the others would garble every sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SECRET = frozenset(
    {
        "access_token",
        "api_key",
        "client_secret",
        "refresh_token",
        "routing_key",
        "secret",
        "token",
        "verifier",
    }
)
#: They open nothing, and are ordinary words, names and addresses.
OPEN = frozenset(
    {
        "account",
        "auth",
        "by",
        "ca_file",
        "client_id",
        "consents",
        "email",
        "expires_at",
        "identity",
        "kind",
        "obtained_at",
        "purpose",
        "redirect",
        "scope",
        "sync",
        "where",
    }
)


def secrets_of(plain: Mapping[str, str]) -> Iterable[str]:
    """A field that is declared neither way was sealed by a newer release, and is no word that is known to be harmless."""
    return (value for name, value in plain.items() if value and (name in SECRET or name not in OPEN))
