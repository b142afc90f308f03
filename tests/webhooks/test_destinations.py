"""Where deliveries may go: a table of URLs, a resolver that lies, and no forbidden connection (WEB-9)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from hooking import World
from receiver import answer, receiving

from mock_sent.webhooks.destinations import Destinations, Forbidden
from mock_sent.webhooks.lookups import Lookups

NAMES = {
    "receiver": ["172.18.0.3"],
    "localhost": ["::1", "127.0.0.1"],
    "a.localhost": ["127.0.0.1"],
    "single-public": ["93.184.216.34"],
    "app.internal": ["10.1.2.3"],
    "public.example.com": ["93.184.216.34"],
    "hooks.example.com": ["203.0.113.7"],
    "a.b.example.org": ["203.0.113.8"],
    "mixed.example.com": ["10.0.0.1", "93.184.216.34"],
    "rebind.example.com": ["169.254.169.254"],
    "rebind-mixed.example.com": ["127.0.0.1", "169.254.169.254"],
    "metadata": ["169.254.169.254"],
    "metadata.google.internal": ["10.0.0.1"],
    "mapped.example.com": ["::ffff:169.254.169.254"],
    "scoped.example.com": ["fe80::1%eth0"],
    "nat64.example.com": ["64:ff9b::a9fe:a9fe"],
    "empty.example.com": [],
    "nonsense.example.com": ["nonsense"],
    "host.docker.internal": ["0.250.250.254"],
    "host.containers.internal": ["169.254.1.2"],
}
ALLOWED = [
    "http://127.0.0.1/",
    "http://127.0.0.1:65535/",
    "https://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://017700000001/",
    "http://127.255.255.254/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://receiver:8080/hook?x=1#y",
    "http://single-public/",
    "http://app.internal/",
    "HTTP://receiver/",
]
REFUSED = [
    "http://169.254.169.254/",
    "http://169.254.169.254:80/latest/meta-data",
    "http://169.254.0.1/",
    "http://2852039166/",
    "http://0xA9FEA9FE/",
    "http://0251.0376.0251.0376/",
    "http://0xa9.0xfe.0xa9.0xfe/",
    "http://169.254.43518/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::169.254.169.254]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[::ffff:0:169.254.169.254]/",
    "http://[fd00:ec2::254]/",
    "http://[fd20:ce::254]/",
    "http://[fd00:c1::a9fe:a9fe]/",
    "http://[fd00:42::42]/",
    "http://[64:ff9b:1:a9fe:a9:fe00::]/",
    "http://[64:ff9b:1::169.254.169.254]/",
    "http://[2001:0:a9fe:a9fe::1]/",
    "http://[2001:0:4136:e378:8000:63bf:5601:5601]/",
    "http://[fd00::5efe:169.254.169.254]/",
    "http://[::ffff:168.63.129.16]/",
    "http://168.63.129.16/",
    "http://169.254.170.2/",
    "http://[fe80::1]/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://0.0.0.0/",
    "http://0/",
    "http://[::]/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://240.0.0.1/",
    "http://[ff02::1]/",
    "http://metadata.google.internal/",
    "http://METADATA.GOOGLE.INTERNAL./",
    "http://metadata/",
    "http://rebind.example.com/",
    "http://rebind-mixed.example.com/",
    "http://mapped.example.com/",
    "http://nat64.example.com/",
    "http://scoped.example.com/",
    "http://8.8.8.8/",
    "http://134744072/",
    "http://172.32.0.1/",
    "http://172.15.255.255/",
    "http://192.169.0.1/",
    "http://11.0.0.1/",
    "http://100.64.0.1/",
    "http://[2001:4860:4860::8888]/",
    "http://[2002:7f00:1::]/",
    "http://public.example.com/",
    "http://mixed.example.com/",
    "http://unknown.example.com/",
    "http://empty.example.com/",
    "http://nonsense.example.com/",
    "http://127.0.0.1.public.example.com/",
    "http://user@127.0.0.1/",
    "http://user:password@127.0.0.1/",
    "http://127.0.0.1@public.example.com/",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/",
    "javascript:alert(1)",
    "//127.0.0.1/",
    "127.0.0.1",
    "http://",
    "http:///x",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:65536/",
    "http://127.0.0.1:x/",
    "http://[::1/",
    "http://127.0.0.1:4010/_mock/reset",
    "http://[::1]:4010/",
    "http://[::ffff:127.0.0.1]:4010/",
    "http://localhost:4010/",
    "http://LOCALHOST.:4010/_mock/reset",
    "http://a.localhost:4010/",
]


class Resolver:
    """Answers from the table, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in NAMES:
            raise OSError("unknown")
        return NAMES[host]


def aim(url: str, *allow: str) -> tuple[str, ...]:
    return asyncio.run(Destinations(allow, own_port=4010, resolver=Resolver()).find(url)).addresses


@pytest.mark.parametrize("url", ALLOWED)
def test_allowed(url: str) -> None:
    """Loopback, private addresses and single-label names, however they are spelt, are delivered to."""
    assert aim(url)


@pytest.mark.parametrize("url", REFUSED)
def test_refused(url: str) -> None:
    """Everything else is not, whatever its name resolves to."""
    with pytest.raises(Forbidden):
        aim(url)


def test_the_longest_url() -> None:
    """A URL of 8,000 characters is delivered to, a longer one is not, and the reason says so."""
    longest = "http://127.0.0.1/".ljust(8_000, "x")

    assert aim(longest)
    with pytest.raises(Forbidden, match="more than 8,000 characters"):
        aim(f"{longest}x")


NEVER = [url for url in REFUSED[:43] if "scoped" not in url]


@pytest.mark.parametrize("url", NEVER)
def test_never(url: str) -> None:
    """What serves credentials, or is nobody's address, stays refused even where everything is allowed."""
    with pytest.raises(Forbidden):
        aim(url, "any", "0.0.0.0/0", "::/0", ".example.com", "metadata.google.internal")


@pytest.mark.parametrize(
    ("url", "allow"),
    [
        ("http://public.example.com/", "any"),
        ("http://public.example.com/", "public.example.com"),
        ("http://PUBLIC.example.com/", "Public.Example.com"),
        ("http://public.example.com/", ".example.com"),
        ("http://a.b.example.org/", ".example.org"),
        ("http://hooks.example.com/", "203.0.113.0/24"),
        ("http://203.0.113.7/", "203.0.113.7"),
        ("http://[2001:db8::1]/", "2001:db8::/32"),
        ("http://8.8.8.8/", "any"),
        ("http://mixed.example.com/", "93.184.216.34"),
    ],
)
def test_named_in_the_settings(url: str, allow: str) -> None:
    """MOCK_SENT_WEBHOOK_ALLOW names further places: names, subdomains, addresses, networks, or any."""
    with pytest.raises(Forbidden):
        aim(url)
    assert aim(url, allow)


@pytest.mark.parametrize(
    ("url", "allow"),
    [
        ("http://169.254.1.2:8080/", "169.254.1.2"),
        ("http://host.containers.internal:8080/", "host.containers.internal"),
        ("http://host.containers.internal:8080/", "169.254.1.2"),
        ("http://0.250.250.254:8080/", "0.250.250.254"),
        ("http://host.docker.internal:8080/", "host.docker.internal"),
    ],
)
def test_the_host_of_a_container(url: str, allow: str) -> None:
    """The hosts of rootless Podman and OrbStack lie in forbidden networks; the settings can allow them."""
    with pytest.raises(Forbidden, match="MOCK_SENT_WEBHOOK_ALLOW can name it"):
        aim(url)
    assert aim(url, allow)


@pytest.mark.parametrize(
    ("url", "allow"),
    [
        ("http://public.example.com/", "example.com"),
        ("http://public.example.com/", "c.example.com"),
        ("http://a.b.example.org/", "b.example.org"),
        ("http://hooks.example.com/", "203.0.114.0/24"),
    ],
)
def test_names_are_whole(url: str, allow: str) -> None:
    """A name allows itself only, and a network its own addresses only."""
    with pytest.raises(Forbidden):
        aim(url, allow)


@pytest.mark.parametrize("entry", ["10.0.0.0/99", "http://x", "a b", "*.example.com", "x:80", "user@x"])
def test_bad_settings(entry: str) -> None:
    """An entry that can allow nothing is told."""
    with pytest.raises(ValueError, match="has "):
        Destinations([entry])


def test_a_literal_asks_no_resolver() -> None:
    """An address needs no resolver, and a name is asked for once."""
    resolver = Resolver()
    destinations = Destinations(resolver=resolver)

    asyncio.run(destinations.find("http://127.1/"))
    destination = asyncio.run(destinations.find("http://localhost:81/a?b"))

    assert resolver.asked == ["localhost"]
    assert (destination.addresses, destination.port, destination.path) == (("::1", "127.0.0.1"), 81, "/a?b")


@pytest.mark.parametrize("url", [*ALLOWED, *REFUSED])
def test_foreseen(url: str) -> None:
    """What is refused without a look at a resolver is foreseen when the webhook is made, and nothing else."""
    refusal = Destinations(own_port=4010).refusal(url)

    if url in ALLOWED:
        assert refusal is None or "app.internal" in url
    elif not any(name in url.lower() for name in ("example.com", "metadata/")):
        assert refusal


HOSTS = """
127.0.0.1 localhost
172.17.0.1\thost.docker.internal gateway.shop.test  # by compose
169.254.169.254 metadata.shop.test
93.184.216.34 Public.example.com
10.0.0.2 rebind.shop.test
169.254.169.254 rebind.shop.test
169.254.1.2 host.containers.internal
nonsense broken.shop.test
#10.0.0.1 commented.shop.test
"""


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://host.docker.internal:9000/", None),
        ("http://GATEWAY.shop.test./", None),
        ("http://a.localhost/", None),
        ("http://metadata.shop.test/", "169.254.169.254 is never delivered to"),
        ("http://rebind.shop.test/", "169.254.169.254 is never delivered to"),
        ("http://public.example.com/", "93.184.216.34 is outside loopback and private networks"),
        ("http://host.containers.internal/", "MOCK_SENT_WEBHOOK_ALLOW can name it"),
        ("http://broken.shop.test/", "'nonsense' is no address"),
        ("http://commented.shop.test/", "must have a loopback or private address"),
    ],
)
def test_foreseen_by_the_hosts_file(tmp_path: Path, url: str, said: str | None) -> None:
    """A name that the hosts file has is judged by its addresses there, as the delivery will, without a network."""
    (tmp_path / "hosts").write_text(HOSTS)

    refusal = Destinations(own_port=4010, hosts=tmp_path / "hosts").refusal(url)

    assert refusal is None if said is None else said in str(refusal)


def test_no_hosts_file(tmp_path: Path) -> None:
    """Without the file a name is judged by the name alone."""
    refusal = Destinations(hosts=tmp_path / "none").refusal("http://host.docker.internal/")

    assert "must have a loopback or private address" in str(refusal)


def test_names_under_localhost() -> None:
    """A name under `localhost` is this machine, also where the resolver does not know it (RFC 6761)."""
    asked = []

    async def resolver(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    found = asyncio.run(Destinations(resolver=resolver).find("http://shop.localhost:9000/hooks"))

    assert (asked, found.host, found.authority) == (["localhost"], "shop.localhost", "shop.localhost:9000")


def test_the_systems_resolver() -> None:
    """The system knows the way home."""
    assert {"127.0.0.1", "::1"} & set(asyncio.run(Lookups()("localhost", 80)))


@pytest.mark.real_socket
def test_no_forbidden_connection() -> None:
    """A resolver that changes its mind reaches nobody: the first answer is judged, and it alone is connected to."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"], ["169.254.169.254"], ["127.0.0.1"]])
    asked: list[str] = []

    async def fickle(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    async def story(port: int) -> list[str | None]:
        async with World(destinations=Destinations(resolver=fickle)) as world:
            webhook = world.webhook(f"http://fickle.example.com:{port}/hook")
            for _ in range(2):
                world.hooks.test(webhook.id, "message.sent")
                await world.hooks.settle()
            return [delivery.error for delivery in world.deliveries(webhook)]

    with receiving() as receiver:
        errors = asyncio.run(story(receiver.port))
    assert errors == [None, "not delivered: 169.254.169.254 is never delivered to"]
    assert receiver.connections == 1
    assert asked == ["fickle.example.com"] * 2
    assert receiver.received[0].headers["host"].startswith("fickle.example.com:")


@pytest.mark.real_socket
def test_redirects_are_not_followed() -> None:
    """A redirect is a failure, told as one, and its target is never asked."""

    async def story(url: str, location: str) -> str | None:
        async with World() as world:
            webhook = world.webhook(url)
            world.hooks.test(webhook.id, "message.sent")
            await world.hooks.settle()
            return world.deliveries(webhook)[0].error

    with receiving() as receiver, receiving() as other:
        receiver.behave = lambda n: answer(302, b"", f"location: {other.url}")
        error = asyncio.run(story(receiver.url, other.url))
    assert error == "the receiver answered 302; redirects are not followed"
    assert (receiver.connections, other.connections) == (1, 0)


@pytest.mark.real_socket
def test_both_families_of_localhost() -> None:
    """`localhost` may be ::1 first, where nobody listens: then 127.0.0.1 is tried, which was judged as well."""

    async def local(host: str, port: int) -> Sequence[str]:
        return ["::1", "127.0.0.1"]

    async def story(port: int) -> str:
        async with World(destinations=Destinations(resolver=local)) as world:
            webhook = world.webhook(f"http://localhost:{port}/")
            world.hooks.test(webhook.id, "message.sent")
            await world.hooks.settle()
            return world.deliveries(webhook)[0].state

    with receiving() as receiver:
        assert asyncio.run(story(receiver.port)) == "delivered"
