"""The browser is real: it runs scripts, draws text, and leaves the thread fit for asyncio when its module is over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

_HTML = b"""<!doctype html><title>real</title><p id=word>WWWWWWWW</p><p id=thin>iiiiiiii</p>
<style>p { display: inline-block; font: 20px sans-serif }</style>
<script>document.getElementById("word").dataset.ran = "yes"</script>"""


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(_HTML)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_it_runs_scripts_and_has_letters_to_draw(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#word")).to_have_attribute("data-ran", "yes")
    # Without a font every letter is as wide as every other, or has no width at all.
    word, thin = page.locator("#word").bounding_box(), page.locator("#thin").bounding_box()
    assert word is not None
    assert thin is not None
    assert word["width"] > thin["width"] > 0
