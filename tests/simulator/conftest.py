"""A simulated account, a client with its full key, a receiver of webhooks, and the shared material when it is there."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from syncd.clock import StoppedClock
from syncd.simulator import BOT_EMAIL, CaseDesk, Simulator, serve, simulator
from syncd.simulator.account import Incident, Subscription
from tests.simulator.receiver import Mailbox, Receiver

ROOT = Path(__file__).resolve().parents[2]
API = "https://api.pagerduty.com"


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC))


@pytest.fixture
def sim(clock: StoppedClock) -> Iterator[Simulator]:
    with simulator(seed=7, clock=clock) as made:
        made.carriage.retry_s = (0.01,)
        yield made


@pytest.fixture
def rest(sim: Simulator) -> Iterator[httpx.Client]:
    """REST without sockets, as the bot with the full key."""
    with client(sim, sim.keys.full) as made:
        yield made


def client(sim: Simulator, key: str, email: str | None = BOT_EMAIL) -> httpx.Client:
    headers = {"Authorization": f"Token token={key}", **({"From": email} if email else {})}
    return httpx.Client(transport=sim.transport(), base_url=API, headers=headers)


@pytest.fixture
def opened(sim: Simulator) -> Incident:
    return sim.people.open("Checkout is slow", "Ana Lima", incident_key="case-1")


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """One server for all tests: starting and stopping one for each takes longer than the tests."""
    made = Mailbox()
    with serve(made) as made.url:
        yield made


@pytest.fixture
def receiver(mailbox: Mailbox) -> Receiver:
    return mailbox.empty()


@pytest.fixture
def subscribed(sim: Simulator, receiver: Receiver) -> Subscription:
    return sim.people.subscribe(f"{receiver.url}/hooks/pagerduty")


@pytest.fixture
def desk(clock: StoppedClock, receiver: Receiver) -> Iterator[CaseDesk]:
    with CaseDesk(clock=clock, hook_url=f"{receiver.url}/hooks/desk") as made:
        made.carriage.retry_s = (0.01,)
        yield made


@pytest.fixture
def desk_api(desk: CaseDesk) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {desk.token}"}
    with httpx.Client(transport=desk.transport(), base_url="http://desk.example", headers=headers) as made:
        yield made


@pytest.fixture(scope="session")
def documented() -> Path:
    """PagerDuty's own examples: not ours to distribute, so they may be missing."""
    folder = Path(os.environ.get("SYNCD_SHARED", ROOT.parent / "shared")) / "pagerduty" / "webhooks"
    if not folder.is_dir():
        pytest.skip("left out: PagerDuty's documented payloads are not beside the repository (SYNCD_SHARED names them)")
    return folder


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Self-signed, for 127.0.0.1, an hour."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private
