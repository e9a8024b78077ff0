"""The flow's world, for stories of a whole way."""

from __future__ import annotations

from tests.flow.conftest import linked, world

__all__ = ["linked", "world"]
