"""Which addresses may be reached: those of the public internet, and hosts that the input names. Pure.

A name says nothing about where it leads, so what is judged is the address that a connection is made to.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

PORTS: Final = {"http": 80, "https": 443}
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""The prefix of NAT64: the last 32 bits are an address of version 4."""
_NOT_PUBLIC: Final = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "64:ff9b:1::/48", "fec0::/10", "3fff::/20", "5f00::/16"))
)
"""Not on the public internet either, which some versions of the library do not know: assignments of protocols,
translations within a site, addresses of a site, examples, segments of routes."""


class NotReadable(ValueError):
    """The address of a page is none that this tool reads. The message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """A host as a URL names it, in lower case and without brackets, and a port."""

    host: str
    port: int | None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be reached."""

    private: frozenset[Place] = frozenset()
    """Places that may be reached wherever they are. Without a port: at any."""

    def allows(self, place: Place, address: Address) -> bool:
        """Whether a connection to this address, by this name, may be made."""
        return is_public(address) or place in self.private or Place(place.host, None) in self.private


def reach(private_hosts: Iterable[str]) -> Reach:
    """What the input allows: `localhost:8000`, `[::1]:8000`, `wiki.intern`. Raises NotReadable."""
    return Reach(frozenset(_named(text) for text in private_hosts))


def place_of(url: str) -> Place:
    """Where a page is. Raises NotReadable for what is no page of the web."""
    parts = _split(url)
    if parts.scheme not in PORTS:
        raise NotReadable(f"{parts.scheme or 'no scheme'}: only http and https are read")
    if parts.username is not None or parts.password is not None:
        raise NotReadable("a user name or password does not belong into an address, which is recorded")
    return _place(parts, otherwise=PORTS[parts.scheme])


def is_public(address: Address) -> bool:
    """Whether the address belongs to the public internet, also by way of a translation between versions."""
    if isinstance(address, ipaddress.IPv6Address) and (embedded := _embedded(address)) is not None:
        return is_public(embedded)
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_private)


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of version 4 that stands behind one of version 6."""
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def _named(text: str) -> Place:
    return _place(_split(f"//{text}"), otherwise=None)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise NotReadable(f"{url}: {error}") from None


def _place(parts: SplitResult, *, otherwise: int | None) -> Place:
    try:
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise NotReadable(f"{parts.netloc}: {error}") from None
    if not host:
        raise NotReadable(f"{parts.geturl()!r} names no host")
    return Place(host, otherwise if port is None else port)
