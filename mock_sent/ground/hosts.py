"""Names of hosts that public DNS cannot resolve: a request for one of them comes from this machine or network."""

import ipaddress
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

# Suffixes that no public resolver knows: RFC 6761, RFC 6762, and internal names of container platforms.
RESERVED = (".localhost", ".local", ".internal", ".test", ".svc")
# More characters than a host and its port can have. `urlsplit` keeps what it has split.
_LONGEST = 300
_RESOLVER = Path("/etc/resolv.conf")


def host_name(host: str) -> str:
    """The name of a Host header, without the port; empty if it is no host."""
    if len(host) > _LONGEST:
        return ""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises if it is no number
    except ValueError:
        return ""
    plain = host.isascii() and host.isprintable() and not set(host) & set("@/\\?# ,")
    return (parts.hostname or "") if plain else ""


def is_private_name(name: str, suffixes: Sequence[str] = ()) -> bool:
    """Whether public DNS cannot resolve the name: an address, a name without a dot, a reserved suffix, or one given."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith((*RESERVED, ".svc.cluster.local", *suffixes))
    return True


def allowed_by(allowed: Sequence[str]) -> Callable[[str], bool]:
    """Whether a request may name a host: a private name, one of this cluster, or one that `allowed` has.

    An entry with a dot before it stands for its subdomains.
    """
    names, suffixes = frozenset(allowed), tuple(entry for entry in allowed if entry.startswith("."))
    of_cluster = cluster_suffixes()

    def is_allowed(name: str) -> bool:
        return bool(name) and (name in names or name.endswith(suffixes) or is_private_name(name, of_cluster))

    return is_allowed


def cluster_suffixes(resolver: Path = _RESOLVER) -> tuple[str, ...]:
    """The suffixes of a Kubernetes cluster's own names, from the search list: `.default`, `.svc.cluster.example`."""
    try:
        lines = resolver.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ()
    found: dict[str, None] = {}
    for words in (line.lower().split() for line in lines):
        for domain in words[1:] if words[:1] == ["search"] else ():
            namespace, inside, cluster = domain.partition(".svc.")
            if inside and cluster and "." not in namespace:
                found |= {f".{namespace}": None, f".svc.{cluster}": None}
    return tuple(found)
