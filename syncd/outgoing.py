"""Which addresses a configured URL may lead to: all public ones, and of the others what the site has opened on purpose.

A name is judged by every address it has, after it was resolved: 127.1 and 0x7f000001 are judged as what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from syncd.errors import OffLimits

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

TAKES = "networks like 10.0.0.0/8, addresses, names like desk.internal, name:port or address:port, with commas between"
_METADATA = "where a cloud hands out a machine's own credentials"
_NOBODY = "an address that no single machine has"
_FOR_GOOD = {_METADATA, _NOBODY}
#: The first that fits says what an address is; one that fits none is public.
_KINDS: Mapping[str, tuple[Network, ...]] = {
    kind: tuple(ip_network(one) for one in networks.split())
    for kind, networks in {
        _METADATA: "169.254.169.254 169.254.170.2 169.254.170.23 100.100.100.200 168.63.129.16 192.0.0.192 "
        "fd00:ec2::254 fd00:ec2::23 fd20:ce::254",
        _NOBODY: "0.0.0.0/8 224.0.0.0/4 255.255.255.255 ::/128 ff00::/8",
        "this machine's loopback": "127.0.0.0/8 ::1",
        "a private address": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16",
        "a unique-local address": "fc00::/7",
        "a link-local address": "169.254.0.0/16 fe80::/10",
        "a shared address of a provider": "100.64.0.0/10",
        "an IPv4 address in another spelling": "::ffff:0:0/96 ::/96",
        "a NAT64 address": "64:ff9b::/96 64:ff9b:1::/48",
        "a tunnel's address": "2001::/32 2002::/16 192.88.99.0/24",
        "a reserved address": "192.0.0.0/24 192.0.2.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 "
        "2001::/23 2001:db8::/32 3fff::/20 fec0::/10 ::/3 4000::/2 8000::/1",
    }.items()
}
_SHORT_NAT64 = ip_network("64:ff9b::/96")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One opening: of a network or of a name, on one port or, without one, on all."""

    network: Network | None = None
    name: str = ""
    port: int | None = None

    def opens(self, name: str, port: int, address: Address) -> bool:
        if self.port not in {None, port}:
            return False
        return self.name == name if self.network is None else address in self.network

    def is_exactly(self, port: int, address: Address) -> bool:
        is_single = self.network is not None and self.network.num_addresses == 1
        return is_single and self.opens("", port, address)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The setting outgoing_allow, read. `text` is what the person wrote, who may have to add to it."""

    entries: tuple[Entry, ...] = ()
    text: str = ""

    def besides(self, other: Outgoing) -> Outgoing:
        """What the other opens as well, without a word about it to the person."""
        return replace(self, entries=(*self.entries, *other.entries))

    def refuse(self, host: str, port: int, addresses: Sequence[str]) -> None:
        """Raise OffLimits unless every address may be connected to: which of them is used is nobody's choice."""
        for address in map(ip_address, addresses):
            both = [(one, kind_of(one)) for one in (address, *_inside(address))]
            closed = [(one, kind) for one, kind in both if kind and not self._opens(_plain(host), port, one, kind)]
            if closed:  # No setting is offered for the one where the other stays closed for good.
                one, kind = next((it for it in closed if it[1] in _FOR_GOOD), closed[0])
                raise OffLimits(self._sentence(host, port, one, kind))

    def _opens(self, name: str, port: int, address: Address, kind: str) -> bool:
        if kind == _NOBODY:
            return False
        if kind == _METADATA:  # A wide network is not meant to open these, and a name may begin to lead there.
            return any(one.is_exactly(port, address) for one in self.entries)
        return any(one.opens(name, port, address) for one in self.entries)

    def _sentence(self, host: str, port: int, address: Address, kind: str) -> str:
        why = f"syncd does not connect to {_with_port(host, port)}, because {address} is {kind}"
        if kind in _FOR_GOOD:
            return f"{why}; correct the address."
        opening = _with_port(str(address).partition("%")[0] if _is_number(host) else _plain(host), port)
        value = f"{self.text},{opening}" if self.text else opening
        return f"{why}; if that is meant, set SYNCD_OUTGOING_ALLOW={value} for every part of syncd."


PUBLIC_ONLY = Outgoing()


def kind_of(address: Address) -> str:
    """What an address is that is not public; empty for one that is."""
    return next((kind for kind, networks in _KINDS.items() if any(address in one for one in networks)), "")


def parsed(text: str) -> Outgoing:
    """Raises ValueError for what is no list of openings."""
    words = text.replace(",", " ").split()
    return Outgoing(tuple(_entry(word) for word in words), ",".join(words))


def _entry(word: str) -> Entry:
    if "/" in word:
        return Entry(ip_network(word))
    host, port = _apart(word)
    if _is_number(host):
        return Entry(ip_network(ip_address(host)), port=port)
    name = _plain(host)
    if not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise ValueError(TAKES)
    return Entry(name=name, port=port)


def _apart(word: str) -> tuple[str, int | None]:
    """An IPv6 address with a port stands in brackets."""
    if word.count(":") > 1 and not word.startswith("["):
        return word, None
    host, colon, port = word.rpartition(":") if not word.endswith("]") else (word, "", "")
    if not colon:
        return (host or port).strip("[]"), None
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(TAKES)
    return host.strip("[]"), int(port)


def _is_number(host: str) -> bool:
    """Whether it is read as an address and not looked up: by its last label, as browsers decide it."""
    return ":" in host or bool(_NUMBER.fullmatch(_plain(host).rpartition(".")[2]))


def _plain(host: str) -> str:
    """One spelling for each name."""
    name = host.removesuffix(".").lower()
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name


def _inside(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 address that an IPv6 address stands for, where it does: opening the one opens not the other."""
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped or address in _SHORT_NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
    elif address.sixtofour:
        yield address.sixtofour
    elif address.teredo:
        yield address.teredo[1]


def _with_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
