"""Which addresses are refused, in whichever spelling, and what an opening opens."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from syncd.errors import OffLimits
from syncd.outgoing import PUBLIC_ONLY, Outgoing, kind_of, parsed

INNER = [
    ip_network(one)
    for one in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "0.0.0.0/8",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "192.0.2.0/24",
    )
]
inner = st.sampled_from(INNER).flatmap(
    lambda one: st.integers(int(one.network_address), int(one.broadcast_address)).map(IPv4Address)
)


def is_refused(openings: Outgoing, host: str, *addresses: str, port: int = 443) -> bool:
    try:
        openings.refuse(host, port, addresses)
    except OffLimits:
        return True
    return False


def spellings(address: IPv4Address) -> list[str]:
    """What the C library takes for the same address."""
    a, b, c, d = address.packed
    number = int(address)
    return [
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{(c << 8) | d}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"0{a:o}.{b}.{c}.{d:#x}",
    ]


def carriers(address: IPv4Address) -> list[IPv6Address]:
    """IPv6 addresses that lead to the same place, or may."""
    number = int(address)
    return [
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address(number),
        IPv6Address((0x64FF9B << 96) | number),
        IPv6Address((0x64FF9B0001 << 80) | number),
        IPv6Address((0x2002 << 112) | (number << 80)),
        IPv6Address((0x2001 << 112) | (number ^ 0xFFFFFFFF)),
    ]


@given(inner)
def test_no_spelling_of_an_inner_address_gets_through(address: IPv4Address) -> None:
    for host in spellings(address):
        found = socket.inet_ntoa(socket.inet_aton(host))  # As the resolver reads numbers, without asking anybody.
        assert found == str(address)
        assert is_refused(PUBLIC_ONLY, host, found), host


@given(inner)
def test_no_ipv6_address_carries_an_inner_one_through(address: IPv4Address) -> None:
    for carrier in carriers(address):
        for host in (str(carrier), carrier.exploded, str(carrier).upper()):
            assert is_refused(PUBLIC_ONLY, host, host), host


@given(inner, st.booleans())
def test_opening_the_carrier_does_not_open_what_it_carries(address: IPv4Address, is_opened: bool) -> None:
    assume(kind_of(address).startswith("a private"))
    openings = parsed("64:ff9b::/96, ::ffff:0:0/96" + (f", {address}" if is_opened else ""))
    for carrier in (carriers(address)[0], carriers(address)[2]):
        assert is_refused(openings, str(carrier), str(carrier)) is not is_opened
    assert not is_refused(openings, "far.test", "64:ff9b::808:808")


@pytest.mark.parametrize(
    "address",
    [
        "::",
        "::1",
        "0:0:0:0:0:0:0:1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fc00::1",
        "fdff:ffff::1",
        "ff02::1%2",
        "fd00:ec2::254",
        "2001:db8::1",
        "100::1",
        "5f00::1",
        "168.63.129.16",
        "255.255.255.255",
        "198.18.0.1",
    ],
)
def test_what_is_no_public_address_is_refused(address: str) -> None:
    assert is_refused(PUBLIC_ONLY, address, address)
    assert is_refused(PUBLIC_ONLY, "far.test", "1.1.1.1", address)
    assert is_refused(PUBLIC_ONLY, "far.test", address, "1.1.1.1")


@given(st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address))
def test_whatever_python_calls_not_global_is_refused(address: IPv4Address | IPv6Address) -> None:
    assume(not address.is_global or address.is_multicast)
    assert kind_of(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "99.83.255.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1", "9.9.9.9"]
)
def test_public_addresses_need_no_opening(address: str) -> None:
    assert not is_refused(PUBLIC_ONLY, "far.test", address)


@pytest.mark.parametrize(
    ("opening", "host", "address", "is_open"),
    [
        ("10.0.0.0/8", "desk.internal", "10.1.2.3", True),
        ("10.0.0.0/8", "far.test", "11.1.2.3", True),
        ("10.0.0.0/8", "desk.internal", "192.168.1.1", False),
        ("desk.internal", "desk.internal", "10.1.2.3", True),
        ("desk.internal", "DESK.Internal.", "10.1.2.3", True),
        ("DESK.internal.", "desk.internal", "::1", True),
        ("desk.internal", "my.desk.internal", "10.1.2.3", False),
        ("desk.internal", "desk.internal.evil.test", "10.1.2.3", False),
        ("desk.internal:443", "desk.internal", "10.1.2.3", True),
        ("desk.internal:8443", "desk.internal", "10.1.2.3", False),
        ("bücher.example", "xn--bcher-kva.example", "10.1.2.3", True),
        ("xn--bcher-kva.example", "BÜCHER.example", "10.1.2.3", True),
        ("127.0.0.1:443", "127.1", "127.0.0.1", True),
        ("127.0.0.1:443", "localhost", "127.0.0.1", True),
        ("127.0.0.1:443", "127.0.0.2", "127.0.0.2", False),
        ("127.0.0.1:80", "127.0.0.1", "127.0.0.1", False),
        ("[::1]:443", "::1", "::1", True),
        ("::1", "::1", "::1", True),
        ("fe80::/10", "fe80::1%eth0", "fe80::1%eth0", True),
        ("fd00::/8", "fd00:ec2::254", "fd00:ec2::254", False),
        ("169.254.0.0/16", "169.254.169.254", "169.254.169.254", False),
        ("metadata.internal", "metadata.internal", "169.254.169.254", False),
        ("169.254.169.254", "metadata.internal", "169.254.169.254", True),
        ("0.0.0.0/0", "far.test", "0.0.0.0", False),
        ("0.0.0.0/0", "far.test", "224.0.0.1", False),
        ("0.0.0.0/0", "far.test", "192.168.1.1", True),
    ],
)
def test_an_opening_opens_what_it_names_and_no_more(opening: str, host: str, address: str, is_open: bool) -> None:
    assert is_refused(parsed(opening), host, address) is not is_open


@pytest.mark.parametrize(
    "word",
    [
        "127.1",
        "0x7f000001",
        "10.1.0.0/8",
        ":80",
        "desk:",
        "desk:http",
        "desk:0",
        "desk:65536",
        "[::1",
        "a..b",
        "-a",
        "*.x",
    ],
)
def test_what_is_no_opening_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parsed(f"10.0.0.0/8, {word}")


def sentence(openings: Outgoing, host: str, *addresses: str) -> str:
    with pytest.raises(OffLimits) as caught:
        openings.refuse(host, 8081, addresses)
    return str(caught.value)


def test_the_sentence_names_the_cause_and_what_to_set() -> None:
    assert sentence(PUBLIC_ONLY, "127.0.0.1", "127.0.0.1") == (
        "syncd does not connect to 127.0.0.1:8081, because 127.0.0.1 is this machine's loopback; if that is meant, set "
        "SYNCD_OUTGOING_ALLOW=127.0.0.1:8081 for every part of syncd."
    )


@pytest.mark.parametrize(
    ("host", "address", "value"),
    [
        ("127.1", "127.0.0.1", "127.0.0.1:8081"),
        ("::1", "::1", "[::1]:8081"),
        ("fe80::1%eth0", "fe80::1%eth0", "[fe80::1]:8081"),
        ("Desk.internal.", "192.168.0.7", "desk.internal:8081"),
    ],
)
def test_what_the_sentence_says_to_set_is_enough(host: str, address: str, value: str) -> None:
    before = parsed("10.0.0.0/8 other.internal")
    said = sentence(before, host, address)
    told = said.partition("SYNCD_OUTGOING_ALLOW=")[2].partition(" ")[0]
    assert told == f"10.0.0.0/8,other.internal,{value}"
    parsed(told).refuse(host, 8081, [address])


def test_nobody_is_told_to_open_where_credentials_are_handed_out() -> None:
    said = sentence(PUBLIC_ONLY, "desk.internal", "1.1.1.1", "169.254.169.254")
    assert "hands out a machine's own credentials; correct the address." in said


def test_what_is_opened_besides_is_not_told() -> None:
    openings = parsed("10.0.0.1").besides(parsed("far.test"))
    openings.refuse("far.test", 443, ["10.0.0.2", "10.0.0.1"])
    assert "far.test" not in sentence(openings, "desk.internal", "10.0.0.2").partition("ALLOW=")[2]


def test_every_kind_has_an_address_of_its_own() -> None:
    assert kind_of(ip_address("2001::1")) == "a tunnel's address"
    assert kind_of(ip_address("2001:4860::8888")) == ""


@pytest.mark.parametrize(
    "address", ["::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::ffff:224.0.0.1"]
)
def test_no_setting_is_offered_for_another_spelling_of_what_stays_closed(address: str) -> None:
    with pytest.raises(OffLimits, match=r"correct the address\.$"):
        PUBLIC_ONLY.refuse(address, 80, [address])
