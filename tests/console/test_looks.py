"""The words and shapes that pages use."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncd.console import looks


@pytest.mark.parametrize("url", ["http://case.test/C-1", "https://incident.test/I-1?tab=log#1"])
def test_a_web_address_becomes_a_link(url: str) -> None:
    assert looks._safe(url) == url


@given(st.text() | st.text().map("https://{}".format))
@example("http://[")
@example("https://[::1/x")
@example("javascript:alert(1)")
def test_nothing_else_does_and_no_address_breaks_a_page(url: str) -> None:
    assert looks._safe(url) in {"", url}
    assert not looks._safe(url) or url.strip().lower().startswith(("http", "\x00"))
