"""Pages over a world in which things happen: what they show arose as it does in life."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from syncd.core.permissions import Role
from syncd.flow.access import people
from tests.console.conftest import TOKEN
from tests.flow.world import World

_PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Operated:
    """A person at the console, signed in."""

    world: World
    client: httpx.Client

    def sign_in_as(self, role: Role) -> None:
        people.add(self.world.db, name=f"a {role}", role=role, password=_PASSWORD, by="test")
        self.client.cookies.clear()
        self._enter(f"a {role}", _PASSWORD)

    def sign_in(self) -> None:
        self._enter("Ops", TOKEN)

    def _enter(self, name: str, secret: str) -> None:
        entered = self.client.post("/login", data={"name": name, "token": secret, "next": "/overview"})
        assert entered.headers.get("location") == "/overview", entered.text

    def see(self, address: str, status: int = 200) -> str:
        shown = self.client.get(address)
        assert shown.status_code == status, shown.text
        return shown.text

    def words(self, address: str) -> str:
        """What a person reads there, in one line."""
        return plain(self.see(address))

    def press(self, on: str, address: str, **fields: str) -> httpx.Response:
        """A form of the page `on` is sent."""
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', self.see(on))
        assert found is not None
        return self.client.post(address, data={"form_token": found[1], **fields})


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()
