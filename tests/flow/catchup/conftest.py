"""Who catches up, for tests of what no hook told."""

from __future__ import annotations

import pytest

from tests.flow.catcher import Catcher
from tests.flow.world import World


@pytest.fixture
def catcher(world: World) -> Catcher:
    return Catcher(world)
