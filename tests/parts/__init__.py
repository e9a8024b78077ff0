"""Real parts for tests, as pytest fixtures: postgres, database, valkey, redis_url, certificates, browser, page.

What is missing on a machine is left out and said aloud (require.py).
"""

from __future__ import annotations

pytest_plugins = (
    "tests.parts.require",
    "tests.parts.offline",
    "tests.parts.postgres",
    "tests.parts.statements",
    "tests.parts.database",
    "tests.parts.valkey",
    "tests.parts.tls",
    "tests.parts.browser",
)
