"""The seam to HTTP servers: what every answer and every failure becomes, and what is kept of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from syncd.errors import (
    Ambiguous,
    Misconfigured,
    RateLimited,
    Refused,
    SideError,
    Unauthorised,
    Unreachable,
)
from syncd.systems.answer import Answer
from syncd.systems.http import BODY_LIMIT, Explain, Http, segment
from tests.parts.loopback import LOOPBACK
from tests.parts.ports import free_port
from tests.systems.misbehaving import Peer, misbehaving
from tests.systems.trips import trip

KEY = "abcdefghij0123456789"


def http(handler: Callable[[httpx.Request], httpx.Response], explain: Explain | None = None) -> Http:
    headers = {"Authorization": f"Token token={KEY}"}
    transport = httpx.MockTransport(handler)
    return Http("Desk", "https://desk.test/api/", headers, secrets=[KEY], explain=explain, transport=transport)


def answering(
    status: int, *, json: object = None, content: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Http:
    return http(lambda _: httpx.Response(status, json=json, content=content, headers=headers))


def test_a_short_secret_garbles_no_answer_and_is_masked_as_a_number_too() -> None:
    """In a refusal what other accounts have is masked as well, and some case system took digits for a token."""
    body = {"message": "No 21001 here", "error": {"code": 210, "at": 2100}, "ok": True}
    transport = httpx.MockTransport(lambda _: httpx.Response(400, json=body))
    desk = Http("Desk", "https://desk.test/api/", {}, others=["210"], transport=transport)
    asked = trip()
    with pytest.raises(Refused, match=r"No \[redacted\]01 here"):
        desk.send(asked, "GET", "/x")
    said = {"message": "No [redacted]01 here", "error": {"code": "[redacted]", "at": 2100}, "ok": True}
    assert asked.exchanges[0].got == said


@pytest.mark.parametrize(
    ("status", "on_read", "on_write", "reason"),
    [
        (301, Unreachable, Ambiguous, None),
        (307, Unreachable, Ambiguous, None),
        (400, Refused, Refused, "refused"),
        (401, Unauthorised, Unauthorised, None),
        (402, Refused, Refused, "refused"),
        (403, Refused, Refused, "forbidden"),
        (404, Refused, Refused, "gone"),
        (408, Unreachable, Ambiguous, None),
        (409, Refused, Refused, "refused"),
        (410, Refused, Refused, "gone"),
        (413, Refused, Refused, "refused"),
        (429, RateLimited, RateLimited, None),
        (500, Unreachable, Ambiguous, None),
        (502, Unreachable, Ambiguous, None),
        (503, Unreachable, Ambiguous, None),
        (504, Unreachable, Ambiguous, None),
    ],
)
def test_each_status_is_one_kind_of_error(
    status: int, on_read: type[SideError], on_write: type[SideError], reason: str | None
) -> None:
    desk = answering(status, json={"message": "Because."}, headers={"location": "https://elsewhere.test/"})
    for method, kind in (("GET", on_read), ("PUT", on_write)):
        with pytest.raises(SideError) as caught:
            desk.send(trip(), method, "/x", json={} if method == "PUT" else None)
        assert type(caught.value) is kind
        assert caught.value.status == status
        assert getattr(caught.value, "reason", None) == reason
        assert "Because" in str(caught.value)


def test_a_redirect_is_never_followed() -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"location": "https://elsewhere.test/"})

    with pytest.raises(
        Unreachable, match=r"a redirect to elsewhere.test that is not followed: a proxy or a sign-in page is in the way"
    ):
        http(handler).send(trip(), "GET", "/cases")
    assert asked == ["https://desk.test/api/cases"]


def test_a_success_carries_status_headers_and_json() -> None:
    answer = answering(201, json={"id": "C1"}, headers={"X-Request-Id": "theirs"}).send(
        trip(), "POST", "/cases", json={}
    )
    assert (answer.status, answer.headers["x-request-id"], answer.document()) == (201, "theirs", {"id": "C1"})


def test_a_system_explains_its_own_refusals_and_leaves_the_rest() -> None:
    def explain(answer: Answer) -> SideError | None:
        return Refused("Nobody is on call.", reason="nobody_on_call") if answer.status == 400 else None

    with pytest.raises(Refused) as caught:
        http(lambda _: httpx.Response(400), explain=explain).send(trip(), "GET", "/x")
    assert caught.value.reason == "nobody_on_call"
    with pytest.raises(Unauthorised):
        http(lambda _: httpx.Response(401), explain=explain).send(trip(), "GET", "/x")


@pytest.mark.parametrize("body", ["", "<html>Sign in</html>", "[1]", '{"a":', "NaN"])
def test_a_success_that_cannot_be_read_is_no_success(body: str) -> None:
    desk = answering(200, content=body.encode())
    with pytest.raises(Unreachable):
        desk.send(trip(), "GET", "/x").document()
    with pytest.raises(Ambiguous):
        desk.send(trip(), "POST", "/x", json={}).document()


def test_only_so_much_of_a_body_is_read() -> None:
    answer = answering(200, content=b'"' + b"x" * BODY_LIMIT + b'"').send(trip(), "GET", "/x")
    assert len(answer.text) == BODY_LIMIT
    assert answer.json is None


def test_a_body_without_end_is_not_waited_for() -> None:
    def endless(peer: Peer) -> None:
        peer.request()
        peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * (BODY_LIMIT + 1))
        peer.idle()

    once = trip()
    with misbehaving(endless) as server:
        answer = Http("Desk", server.url, {}, outgoing=LOOPBACK).send(once, "POST", "/x", json={})
    assert len(answer.text) == BODY_LIMIT
    assert once.left() > 5


def test_a_packed_answer_that_was_not_asked_for_is_not_unpacked() -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["accept-encoding"])
        return httpx.Response(200, stream=httpx.ByteStream(b"\x1f\x8b"), headers={"content-encoding": "gzip"})

    with pytest.raises(Unreachable, match="gzip"):
        http(handler).send(trip(), "GET", "/x")
    assert asked == ["identity"]


def test_cookies_are_not_kept() -> None:
    seen: list[str | None] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie"))
        return httpx.Response(200, headers={"set-cookie": "session=1"})

    desk, once = http(handler), trip()
    desk.send(once, "GET", "/x")
    desk.send(once, "GET", "/x")
    assert seen == [None, None]


def test_every_request_has_its_own_id_and_its_own_exchange() -> None:
    ids: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        ids.append(request.headers["x-request-id"])
        if len(ids) == 2:
            raise httpx.ReadTimeout("late")
        return httpx.Response(200, json={"n": len(ids)}, headers={"x-request-id": f"r{len(ids)}"})

    desk, once = http(handler), trip(label="e9-2")
    desk.send(once, "GET", "/x", params={"statuses[]": ["a", "b"], "limit": 2})
    with pytest.raises(Ambiguous):
        desk.send(once, "POST", "/x", json={"a": 1})
    desk.send(once, "GET", "/x")
    assert ids == ["e9-2.1", "e9-2.2", "e9-2.3"]
    assert [one.request_id for one in once.exchanges] == ids
    assert [one.status for one in once.exchanges] == [200, None, 200]
    assert once.exchanges[0].url == "https://desk.test/api/x?statuses%5B%5D=a&statuses%5B%5D=b&limit=2"
    assert [one.their_request_id for one in once.exchanges] == ["r1", "", "r3"]
    assert (once.exchanges[1].sent, once.exchanges[0].got) == ({"a": 1}, {"n": 1})


def test_no_credential_reaches_an_exchange_or_an_error() -> None:
    body = {"error": f"The key {KEY} is not known", "secret": "s3cret", "nested": [{"api_key": "k3y"}]}
    once = trip()
    with pytest.raises(Refused) as caught:
        answering(400, json=body).send(once, "POST", "/x", params={"token": "t0ken"}, json={"password": "pa55"})
    kept = repr(once.exchanges) + str(caught.value)
    for secret in (KEY, "s3cret", "k3y", "t0ken", "pa55"):
        assert secret not in kept
    assert "is not known" in kept


@pytest.mark.parametrize("spelled", [KEY.replace("a", "\\u0061"), KEY.replace("j0", "j\\u0030")])
def test_a_credential_in_other_letters_of_json_is_masked_too(spelled: str) -> None:
    once = trip()
    body = f'{{"message": "The key {spelled} is not known"}}'.encode()
    with pytest.raises(Refused) as caught:
        answering(400, content=body, headers={"x-request-id": f"for {KEY}"}).send(once, "GET", "/x")
    kept = repr(once.exchanges) + str(caught.value)
    assert KEY not in kept
    assert spelled not in kept
    assert "is not known" in kept


def test_the_pause_a_429_asks_for_is_kept() -> None:
    once = trip()
    with pytest.raises(RateLimited) as caught:
        answering(429, headers={"ratelimit-reset": "17", "retry-after": "99"}).send(once, "GET", "/x")
    assert caught.value.retry_after == 17
    assert once.exchanges[0].retry_after_s == 17


def test_text_that_a_database_refuses_is_replaced() -> None:
    desk = answering(200, content=b'{"a":"x\\u0000y\\ud800z"}')
    once = trip()
    assert desk.send(once, "GET", "/x").document()["a"] == "x\ufffdy\ufffdz"
    assert "\x00" not in str(once.exchanges[0].got)


def test_our_own_text_is_sent_without_what_json_cannot_carry() -> None:
    sent: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(200)

    http(handler).send(trip(), "POST", "/x", json={"text": "a\ud800b ü"})
    assert sent == ['{"text": "a\ufffdb ü"}'.encode()]


def test_a_write_does_not_begin_with_too_little_time() -> None:
    desk = http(lambda _: pytest.fail("It was sent."))
    for method in ("POST", "PUT", "DELETE"):
        once = trip(seconds=4.9)
        with pytest.raises(Unreachable):
            desk.send(once, method, "/x")
        assert once.exchanges == []
    answering(200).send(trip(seconds=4.9), "GET", "/x")


def test_a_read_does_not_begin_without_any_time() -> None:
    with pytest.raises(Unreachable):
        http(lambda _: pytest.fail("It was sent.")).send(trip(seconds=0), "GET", "/x")


@pytest.mark.parametrize("ref", ["", ".", ".."])
def test_an_id_that_leads_elsewhere_names_no_record(ref: str) -> None:
    with pytest.raises(Refused) as caught:
        segment(ref)
    assert caught.value.reason == "gone"


def test_an_id_is_one_piece_of_the_path() -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(200)

    http(handler).send(trip(), "GET", f"/cases/{segment('../users?x=1#y')}")
    assert asked == ["/api/cases/..%2Fusers%3Fx%3D1%23y"]


@pytest.mark.parametrize(
    "address",
    ["desk.test", "ftp://desk.test", "https://", "https://me:pw@desk.test", "https://desk.test?a=1", "http://[::1"],
)
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        Http("Desk", address, {})
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("value", ["abc\r\nX-Evil: 1", "naïve", "abc ", "a\x00b"])
def test_a_header_that_cannot_be_sent_is_refused_at_once(value: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        Http("Desk", "https://desk.test", {"Authorization": value})
    assert value not in str(caught.value)


def test_a_certificate_file_that_is_not_there_is_named() -> None:
    with pytest.raises(Misconfigured, match="no-such-file"):
        Http("Desk", "https://desk.test", {}, verify="no-such-file.pem")


def test_a_refused_connection_was_never_made() -> None:
    for method in ("GET", "POST"):
        once = trip()
        with pytest.raises(Unreachable):
            Http("Desk", f"http://127.0.0.1:{free_port()}", {}, outgoing=LOOPBACK).send(once, method, "/x", json={})
        assert [one.status for one in once.exchanges] == [None]


def ok(peer: Peer) -> None:
    while True:
        peer.request()
        peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


def test_one_connection_serves_many_requests() -> None:
    with misbehaving(ok) as server:
        desk = Http("Desk", server.url, {}, outgoing=LOOPBACK)
        for _ in range(5):
            desk.send(trip(), "GET", "/x")
        desk.close()
    assert server.accepted == 1


def test_eight_threads_share_one_client() -> None:
    together = threading.Barrier(8)

    def script(peer: Peer) -> None:
        while True:
            number = peer.request().split(b" ")[1].rpartition(b"/")[2]
            together.wait(10)  # Nobody is answered before eight requests are under way at once.
            peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(number), number))

    with misbehaving(script) as server, ThreadPoolExecutor(8) as threads:
        desk = Http("Desk", server.url, {}, outgoing=LOOPBACK)
        got = Counter(threads.map(lambda n: desk.send(trip(), "GET", f"/{n}").json, range(80)))
        desk.close()
    assert got == Counter(range(80))


def cut_before(peer: Peer) -> None:
    peer.request()


def cut_in_headers(peer: Peer) -> None:
    peer.request()
    peer.say(b"HTTP/1.1 201 Created\r\nContent-Le")


def cut_in_body(peer: Peer) -> None:
    peer.request()
    peer.say(b'HTTP/1.1 201 Created\r\nContent-Length: 40\r\n\r\n{"id"')


def no_http(peer: Peer) -> None:
    peer.request()
    peer.say(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


@pytest.mark.parametrize(
    ("script", "status"), [(cut_before, None), (cut_in_headers, None), (cut_in_body, 201), (no_http, None)]
)
def test_a_cut_after_sending_leaves_a_write_in_doubt(script: Callable[[Peer], None], status: int | None) -> None:
    with misbehaving(script) as server:
        desk = Http("Desk", server.url, {}, outgoing=LOOPBACK)
        once = trip()
        with pytest.raises(Ambiguous):
            desk.send(once, "POST", "/x", json={"a": 1})
        with pytest.raises(Unreachable):
            desk.send(once, "GET", "/x")
    assert [one.status for one in once.exchanges] == [status, status]


def test_an_error_said_before_the_whole_request_was_read_is_heard() -> None:
    def script(peer: Peer) -> None:
        peer.sock.recv(100)
        peer.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        peer.request()

    with misbehaving(script) as server, pytest.raises(Refused) as caught:
        Http("Desk", server.url, {}, outgoing=LOOPBACK).send(trip(), "POST", "/x", json={"text": "x" * 200_000})
    assert caught.value.status == 413


def test_who_reads_long_lists_keeps_only_answers_that_refuse() -> None:
    """To look through each of them for secrets would take longer than to read it."""
    asked = trip()
    asked.keeps_answers = False
    assert answering(200, json={"services": []}).send(asked, "GET", "/services").json == {"services": []}
    with pytest.raises(Refused):
        answering(403, json={"error": f"not with {KEY}"}).send(asked, "GET", "/users")
    assert [one.got for one in asked.exchanges] == [None, {"error": "not with [redacted]"}]
    assert [one.status for one in asked.exchanges] == [200, 403]
