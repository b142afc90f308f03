"""Allowed destinations of deliveries: this machine, private networks, and those that the settings name (WEB-9)."""

import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mock_sent.webhooks.lookups import HOSTS, Lookups, addresses_in

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
    from urllib.parse import SplitResult

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

_PORTS = {"http": 80, "https": 443}
LOCAL_NETWORKS = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
# Never allowed, not even by the settings: credential servers of clouds, unspecified and broadcast addresses.
FORBIDDEN_NETWORKS = (
    "0.0.0.0/8", "100.100.100.200/32", "168.63.129.16/32", "169.254.0.0/16", "192.0.0.192/32", "224.0.0.0/4",
    "240.0.0.0/4", "::/128", "fd00:ec2::/32", "fd20:ce::254/128", "fd00:c1::a9fe:a9fe/128", "fd00:42::42/128",
    "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip
# But the settings can allow these: the host of rootless Podman and that of OrbStack.
HOSTS_OF_CONTAINERS = ("169.254.1.2", "0.250.250.254")
# The most characters of a URL: `urlsplit` keeps what it has split.
_LONGEST = 8_000
_ITSELF = "this is the mock itself"
_FORBIDDEN_NAMES = ("metadata.google.internal", "metadata.goog", "instance-data.ec2.internal")


class Forbidden(Exception):
    """The destination is not allowed; the text says why and which setting would allow it."""


class Destination(NamedTuple):
    """Where to connect: the allowed addresses, in the order to try. `authority` is host and port as in the URL."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str
    addresses: tuple[str, ...]


class Destinations:
    """Decides which URLs may be delivered to.

    `allow` are names (`hooks.example.com`, `.example.com`), addresses, networks or `any`. Raises `ValueError` for an
    entry that is none of these.
    """

    def __init__(
        self,
        allow: Sequence[str] = (),
        *,
        own_port: int = 0,
        resolver: Resolver | None = None,
        hosts: Path = HOSTS,
    ) -> None:
        self._allow = _checked(allow)
        self._own_port = own_port
        self._resolver = resolver or Lookups()
        self._hosts = hosts
        self._networks: tuple[list[IPv4Network | IPv6Network], list[IPv4Network | IPv6Network]] | None = None

    def served_at(self, url: str) -> None:
        """Set the URL at which the mock itself listens. A server with port 0 gets its port from the system."""
        self._own_port = _read(url)[2]

    async def find(self, url: str) -> Destination:
        """The destination of a URL. Raises `Forbidden`. The name is resolved once; only those addresses are used."""
        parts, host, port = _read(url)
        addresses = await self._addresses(host, port)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Destination(parts.scheme, host, port, parts.netloc, path, tuple(addresses))

    def refusal(self, url: str) -> str | None:
        """Why a delivery to this URL will be refused, or None.

        A call waits for the answer, so the network is not asked: a name is judged by the hosts file, and one that is
        not there by the name alone. What `find` finds later stands in the error of the delivery.
        """
        try:
            _, host, port = _read(url)
            _refuse_name(host)
            if self._own_port == port and _is_localhost(host):
                raise Forbidden(_ITSELF)
            literal = _literal(host)
            known = [literal] if literal else addresses_in(self._hosts, host)
            for address in known:
                self._check_address(address, port, self._is_trusted(host, literal))
        except Forbidden as e:
            return str(e)
        if known or self._is_trusted(host, literal) or _is_localhost(host):
            return None
        return f"{host} must have a loopback or private address, or MOCK_SENT_WEBHOOK_ALLOW must name it"

    async def _addresses(self, host: str, port: int) -> list[str]:
        _refuse_name(host)
        literal = _literal(host)
        if literal:
            found = [literal]
        else:
            try:
                found = list(await self._resolver("localhost" if _is_localhost(host) else host, port))
            except (OSError, UnicodeError) as e:
                raise Forbidden(f"the name {host!r} has no address ({e})") from None
        named = self._is_trusted(host, literal)
        allowed = []
        for text in found:
            self._check_address(text, port, named)
            allowed.append(text)
        if not allowed:
            raise Forbidden(f"the name {host!r} has no address")
        return allowed

    def _is_trusted(self, host: str, literal: str | None) -> bool:
        """Whether any address will do: the settings name the host, or it is a name of a container network."""
        return self._is_named(host) or (literal is None and _is_single_label(host))

    def _is_named(self, host: str) -> bool:
        """Whether the settings allow the name, with any address."""
        return any(
            entry == "any" or entry == host or (entry.startswith(".") and host.endswith(entry)) for entry in self._allow
        )

    def _check_address(self, text: str, port: int, named: bool) -> None:
        from ipaddress import ip_address

        try:
            address = ip_address(text)
        except ValueError:
            raise Forbidden(f"{text!r} is no address") from None
        good, never = self._compiled()
        chosen = named or text in self._allow
        for each in (address, *_inside(address)):
            if chosen and str(each) in HOSTS_OF_CONTAINERS:
                continue
            if any(each in network for network in never if network.version == each.version):
                raise Forbidden(f"{text} is never delivered to{_for_container(str(each))}")
        if self._own_port == port and any(_is_this_machine(each) for each in (address, *_inside(address))):
            raise Forbidden(_ITSELF)
        effective = address if address.version == 4 else (address.ipv4_mapped or address)
        if not named and not any(effective in network for network in good if network.version == effective.version):
            raise Forbidden(f"{text} is outside loopback and private networks; MOCK_SENT_WEBHOOK_ALLOW can name it")

    def _compiled(self) -> "tuple[list[IPv4Network | IPv6Network], list[IPv4Network | IPv6Network]]":
        if self._networks is None:
            from ipaddress import ip_network

            named = [entry for entry in self._allow if _is_network(entry)]
            self._networks = (
                [ip_network(text) for text in (*LOCAL_NETWORKS, *named)],
                [ip_network(text) for text in FORBIDDEN_NETWORKS],
            )
        return self._networks


def _read(url: str) -> "tuple[SplitResult, str, int]":
    """A URL's parts, host and port. Raises `Forbidden` for an invalid URL."""
    from urllib.parse import urlsplit

    if len(url) > _LONGEST:
        raise Forbidden(f"a URL of more than {_LONGEST:,} characters is not delivered to")
    try:
        parts = urlsplit(url)
        port = parts.port if parts.port is not None else _PORTS.get(parts.scheme, 0)
    except ValueError as e:
        raise Forbidden(f"this is no URL: {e}") from None
    if parts.scheme not in _PORTS:
        raise Forbidden(f"only http and https are delivered to, not {parts.scheme or 'nothing'}")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("a URL with credentials in it is not delivered to")
    host = (parts.hostname or "").rstrip(".")
    if not host or not 0 < port <= 65_535:
        raise Forbidden("the URL has no host, or its port is out of range")
    return parts, host, port


def _refuse_name(host: str) -> None:
    if host in _FORBIDDEN_NAMES:
        raise Forbidden(f"{host} is never delivered to: it serves credentials")


def _is_localhost(host: str) -> bool:
    """Whether the name is reserved for this machine (RFC 6761). A resolver is not asked."""
    return host == "localhost" or host.endswith(".localhost")


def _is_single_label(host: str) -> bool:
    """Whether the name has no dot, as in container networks; such a name is never public."""
    return "." not in host and ":" not in host


def _checked(entries: Sequence[str]) -> tuple[str, ...]:
    for entry in entries:
        if "/" in entry and not _is_network(entry):
            raise ValueError(f"has {entry!r}, which is no network such as 203.0.113.0/24")
        if any(c in entry for c in "@?#* ") or (":" in entry and not _is_network(entry)):
            raise ValueError(f"has {entry!r}; write names (a dot before it takes its subdomains), addresses, networks")
    return tuple(entry.lower() for entry in entries)


def _is_network(entry: str) -> bool:
    from ipaddress import ip_network

    try:
        ip_network(entry)
    except ValueError:
        return False
    return True


def _literal(host: str) -> str | None:
    """The address that `host` spells, in any way that the system accepts: `127.1`, `0x7f000001`. None for a name."""
    from ipaddress import ip_address

    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host)) if host[:1].isdigit() else None
    except (OSError, UnicodeError):
        return None


def _inside(address: "IPv4Address | IPv6Address") -> "list[IPv4Address]":
    """The version 4 addresses in a version 6 address: mapped, translated, compatible, NAT64, 6to4, Teredo, ISATAP."""
    from ipaddress import IPv4Address, IPv6Network

    if address.version == 4:
        return []
    found = [each for each in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if each]
    octets = address.packed
    for prefix in ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96"):
        if address in IPv6Network(prefix) and not address.is_loopback:
            found.append(IPv4Address(octets[12:]))
    if address in IPv6Network("64:ff9b:1::/48"):  # RFC 6052, 2.2: a prefix of any length in this network
        places = ((6, 7, 9, 10), (7, 9, 10, 11), (9, 10, 11, 12), (12, 13, 14, 15))
        found += [IPv4Address(bytes([octets[i] for i in place])) for place in places]
    if octets[8:12] in (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"):
        found.append(IPv4Address(octets[12:]))
    return found


def _for_container(address: str) -> str:
    """What to do about the host of a container, which only the settings can allow."""
    return "; MOCK_SENT_WEBHOOK_ALLOW can name it" if address in HOSTS_OF_CONTAINERS else ""


def _is_this_machine(address: "IPv4Address | IPv6Address") -> bool:
    """Whether this machine has the address. In a container the mock has other addresses than loopback."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return address.is_loopback
    return True
