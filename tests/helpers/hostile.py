"""Hostile and odd requests, each with its one right answer."""

from dataclasses import dataclass

from wiring import get, head

H = "Host: a"
CLOSE = "Connection: close"


@dataclass(frozen=True)
class Case:
    """`answer` is the status, or `closed`; a case with `check` is let through when the checks of a head are off."""

    name: str
    data: bytes
    answer: int | str
    says: str = ""
    half_close: bool = False
    check: bool = False


def post(*headers: str, body: bytes = b"", line: str = "POST /echo HTTP/1.1") -> bytes:
    return head(line, H, CLOSE, *headers) + body


def chunked(body: bytes) -> bytes:
    return post("Transfer-Encoding: chunked", body=body)


MANY = [f"X-{n}: 1" for n in range(10_000)]

CASES = [
    # Host
    Case("no host", head("GET /echo HTTP/1.1", CLOSE), 400, "'Host' is required", check=True),
    Case("two hosts", head("GET /echo HTTP/1.1", H, "Host: b", CLOSE), 400, "given once", check=True),
    Case("the same host twice", head("GET /echo HTTP/1.1", H, "HOST: a", CLOSE), 400, "given once", check=True),
    Case("two hosts in 1.0", head("GET /echo HTTP/1.0", H, "Host: b"), 400, "given once", check=True),
    Case("host with a space", head("GET /echo HTTP/1.1", "Host: a b", CLOSE), 400, "host name", check=True),
    Case("host with a user", head("GET /echo HTTP/1.1", "Host: u@a", CLOSE), 400, "host name", check=True),
    Case("host with a path", head("GET /echo HTTP/1.1", "Host: a/b", CLOSE), 400, "host name", check=True),
    Case("no host in 1.0", head("GET /echo HTTP/1.0"), 200),
    Case("empty host", head("GET /echo HTTP/1.1", "Host:", CLOSE), 200),
    Case("host before a space", head("GET /echo HTTP/1.1", "Host: a ", CLOSE), 200),
    Case("host of IPv6 with a port", head("GET /echo HTTP/1.1", "Host: [::1]:4010", CLOSE), 200),
    # Lengths
    Case("length and encoding", post("Content-Length: 3", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400),
    Case("encoding and length", post("Transfer-Encoding: chunked", "Content-Length: 3", body=b"0\r\n\r\n"), 400),
    Case("two lengths", post("Content-Length: 2", "Content-Length: 3", body=b"abc"), 400),
    Case("the same length twice", post("Content-Length: 2", "Content-Length: 2", body=b"ab"), 400),
    Case("list of lengths", post("Content-Length: 2, 2", body=b"ab"), 400),
    Case("negative length", post("Content-Length: -2", body=b"ab"), 400),
    Case("length with a plus", post("Content-Length: +2", body=b"ab"), 400),
    Case("hexadecimal length", post("Content-Length: 0x2", body=b"ab"), 400),
    Case("length of twenty digits", post("Content-Length: 99999999999999999999", body=b"ab"), 400),
    Case("empty length", post("Content-Length:", body=b"ab"), 400),
    Case("length with a word", post("Content-Length: 2 bytes", body=b"ab"), 400),
    Case("body shorter than its length", post("Content-Length: 9", body=b"ab"), "closed", half_close=True),
    # Encodings
    Case("gzip", post("Transfer-Encoding: gzip", body=b"ab"), 400),
    Case("gzip, chunked", post("Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), 400, "be chunked", check=True),
    Case("identity", post("Transfer-Encoding: identity", body=b"ab"), 400),
    Case("xchunked", post("Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), 400),
    Case("chunked twice", post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400),
    Case("chunked in 1.0", post("Transfer-Encoding: chunked", body=b"0\r\n\r\n", line="POST /echo HTTP/1.0"), 400,
         "does not exist in HTTP/1.0", check=True),
    # Chunks
    Case("good chunks", chunked(b"2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n"), 200),
    Case("good chunks with a trailer", chunked(b"2\r\nab\r\n0\r\nX-Late: 1\r\n\r\n"), 200),
    Case("chunk size is no number", chunked(b"zz\r\nab\r\n0\r\n\r\n"), 400),
    Case("negative chunk size", chunked(b"-2\r\nab\r\n0\r\n\r\n"), 400),
    Case("chunk size with 0x", chunked(b"0x2\r\nab\r\n0\r\n\r\n"), 400),
    Case("huge chunk size", chunked(b"fffffffffffffffff\r\nab\r\n0\r\n\r\n"), 400),
    Case("chunk longer than its size", chunked(b"2\r\nabc\r\n0\r\n\r\n"), 400),
    Case("chunk ends with LF", chunked(b"2\r\nab\n0\r\n\r\n"), 400),
    Case("chunk size ends with LF", chunked(b"2\nab\r\n0\r\n\r\n"), 400),
    Case("chunks without their end", chunked(b"2\r\nab\r\n"), "closed", half_close=True),
    Case("chunks without their end, waiting", chunked(b"2\r\nab\r\n"), 408, "the body must be complete"),
    Case("trailer of 200 KB", chunked(b"0\r\nX-Late: " + b"a" * 200_000 + b"\r\n\r\n"), 431, "the framing of the body"),
    Case("chunk extension of 200 KB", chunked(b"2;" + b"a" * 200_000 + b"\r\nab\r\n0\r\n\r\n"), 431,
         "the framing of the body"),
    # Names and values
    Case("NUL in a value", get("/echo", "X: a\x00b"), 400),
    Case("CR in a value", get("/echo", "X: a\rb"), 400),
    Case("ESC in a value", get("/echo", "X: a\x1bb"), 400),
    Case("DEL in a value", get("/echo", "X: a\x7fb"), 400),
    Case("folded value", get("/echo", "X: a\r\n b"), 400),
    Case("bytes above 127 in a value", get("/echo", "X: \xe9\xff"), 200),
    Case("space before the colon", get("/echo", "X : a"), 400),
    Case("empty name", get("/echo", ": a"), 400),
    Case("space in a name", get("/echo", "X Y: a"), 400),
    Case("name with a bracket", get("/echo", "X(): a"), 400),
    Case("name above 127", get("/echo", "\xe9: a"), 400),
    Case("line without a colon", get("/echo", "nonsense"), 400),
    Case("LF alone", b"GET /echo HTTP/1.1\nHost: a\n\n", 400),
    Case("LF alone after a header", b"GET /echo HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
    Case("CR alone", b"GET /echo HTTP/1.1\rHost: a\r\r", 400),
    # Size
    Case("head of 64 KiB", get("/echo", "X: " + "a" * (65_536 - len(get("/echo", "X: ")))), 200),
    Case("head of 64 KiB and one", get("/echo", "X: " + "a" * (65_537 - len(get("/echo", "X: ")))), 431, "65536 bytes"),
    Case("head of 1 MB", get("/echo", "X: " + "a" * 1_000_000), 431, "65536 bytes"),
    Case("head of 1 MB without an end", b"GET /echo HTTP/1.1\r\nX: " + b"a" * 1_000_000, 431, "65536 bytes"),
    Case("name of 1 MB", get("/echo", "a" * 1_000_000 + ": b"), 431, "65536 bytes"),
    Case("URL of 70 KB", get("/echo/" + "a" * 70_000), 414, "65536 bytes"),
    Case("URL of 70 KB without an end", b"GET /echo/" + b"a" * 70_000, 414, "65536 bytes"),
    Case("URL of 60 KB", get("/" + "a" * 60_000), 404),
    Case("100 headers", head("GET /echo HTTP/1.1", H, CLOSE, *MANY[:98]), 200),
    Case("101 headers", head("GET /echo HTTP/1.1", H, CLOSE, *MANY[:99]), 431, "100 headers"),
    Case("10,000 headers", get("/echo", *MANY), 431, "100 headers"),
    # Targets
    Case("word as target", get("echo"), 400),
    Case("query as target", get("?a=1"), 400),
    Case("star", head("OPTIONS * HTTP/1.1", H, CLOSE), 400, "begins with '/'", check=True),
    Case("CONNECT", head("CONNECT a:443 HTTP/1.1", H, CLOSE), 400, "no proxy"),
    Case("full URL", head("GET http://a/echo HTTP/1.1", H, CLOSE), 200),
    Case("full URL of another host", head("GET http://b/echo HTTP/1.1", H, CLOSE), 400, "host of the target",
         check=True),
    Case("full URL without a path", head("GET http://a HTTP/1.1", H, CLOSE), 400),
    Case("URL of files", head("GET file:///etc/passwd HTTP/1.1", "Host:", CLOSE), 400),
    Case("two slashes", get("//evil/x"), 404),
    Case("dots", get("/../../etc/passwd"), 404),
    Case("NUL in the path", get("/%00"), 404),
    Case("%ff in the path", get("/%ff"), 404),
    Case("broken escape in the path", get("/%zz%"), 404),
    Case("byte above 127 in the path", get("/\xe9"), 400),
    Case("space in the path", get("/a b"), 400),
    Case("no target", head("GET HTTP/1.1", H, CLOSE), 400),
    # Versions and methods
    Case("HTTP/9.9", head("GET /echo HTTP/9.9", H, CLOSE), 400),
    Case("HTTP/2.0", head("GET /echo HTTP/2.0", H, CLOSE), 400, check=True),
    Case("HTTP/0.9", head("GET /echo HTTP/0.9", H, CLOSE), 400, check=True),
    Case("HTTP/1.2", head("GET /echo HTTP/1.2", H, CLOSE), 400),
    Case("no version", b"GET /echo\r\n\r\n", 400),
    Case("http in lower case", head("GET /echo http/1.1", H, CLOSE), 400),
    Case("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    Case("unknown method", head("FROB /echo HTTP/1.1", H, CLOSE), 400),
    Case("method in lower case", head("get /echo HTTP/1.1", H, CLOSE), 400),
    Case("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    Case("binary", bytes(range(256)), 400),
    Case("only blank lines", b"\r\n" * 30_000, "closed", half_close=True),
    Case("more blank lines than a head may have bytes", b"\r\n" * 40_000, 431, "the head must be at most"),
    Case("blank lines first", b"\r\n\r\n" + get("/echo"), 200),
    Case("nothing", b"", "closed", half_close=True),
    Case("nothing, waiting", b"", "closed"),
    Case("half a head", b"GET /echo HT", "closed", half_close=True),
    Case("half a head, waiting", b"GET /echo HT", 408, "the head must be complete"),
    # Upgrades
    Case("websocket", get("/echo", "Upgrade: websocket", "Connection: upgrade"), 200),
    Case("h2c", post("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "Content-Length: 2", body=b"ab"), 200),
    Case("h2c in chunks", post("Upgrade: h2c", "Connection: Upgrade", "Transfer-Encoding: chunked",
                               body=b"2\r\nab\r\n0\r\n\r\n"), 200),
    Case("upgrade without connection", get("/echo", "Upgrade: websocket"), 200),
    Case("upgrade in 1.0", head("GET /echo HTTP/1.0", "Upgrade: websocket", "Connection: upgrade"), 200),
    # Expectations
    Case("another expectation", get("/echo", "Expect: 200-maybe"), 200),
]  # fmt: skip
