"""The control acts of the simulated authorisation server: applications, the next answer of its person, and revoked tokens."""

from __future__ import annotations

from dataclasses import dataclass

from syncd.simulator.asked import Answer, Asked, Json, answer
from syncd.simulator.control import PREFIX, Act
from syncd.simulator.oauth import Authority, Client
from syncd.simulator.routing import Route, route


@dataclass(frozen=True, slots=True)
class OAuthActs:
    authority: Authority

    def routes(self) -> tuple[Route[Act], ...]:
        return (
            route("POST", f"{PREFIX}/oauth/clients", self._register),
            route("POST", f"{PREFIX}/oauth/deny", self._deny),
            route("POST", f"{PREFIX}/oauth/person", self._sign_in),
            route("POST", f"{PREFIX}/oauth/revoke", self._revoke),
        )

    def _register(self, asked: Asked, _path: dict[str, str]) -> Answer:
        b = asked.json()
        kind, scopes, redirects = b.get("kind", "scoped"), tuple(b["scopes"]), tuple(b.get("redirects", ()))
        with self.authority.world.lock:
            self.authority.register(Client(b["id"], b["secret"], kind, scopes, redirects))
        return answer(201, {"id": b["id"]})

    def _deny(self, _asked: Asked, _path: dict[str, str]) -> Answer:
        """The next authorisation is denied by whoever is asked."""
        with self.authority.world.lock:
            self.authority.denies_next = True
        return _done()

    def _sign_in(self, asked: Asked, _path: dict[str, str]) -> Answer:
        with self.authority.world.lock:
            self.authority.person = asked.json()["user"]
        return _done()

    def _revoke(self, asked: Asked, _path: dict[str, str]) -> Answer:
        with self.authority.world.lock:
            self.authority.revoke(asked.json()["token"])
        return _done()


def _done() -> Answer:
    body: Json = {}
    return answer(200, body)
