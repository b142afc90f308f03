"""What mock-sent costs beside the bare server: in turns A B A B, so that a noisy machine treats them alike.

Prints a Markdown table of medians and ratios, and writes the same as JSON.
"""

import argparse
import json
import statistics
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import load
from processes import Server, started

RESULTS = Path(__file__).with_name("bench.json")
JSON = {"content-type": "application/json", "x-api-key": "bench"}
PAGE = json.dumps(
    {
        "to": ["+14155551234", "+14155555678"],
        "channel": ["sms", "whatsapp"],
        "template": {
            "id": "7ba7b820-9dad-11d1-80b4-00c04fd430c8",
            "name": "order_confirmation",
            "parameters": {"name": "John Doe", "order_id": "12345"},
        },
        "sandbox": False,
    }
)
PAGE_ANSWER = json.dumps(
    {"success": True, "data": {"status": "accepted", "body": "x" * 400}, "error": None, "meta": {"version": "v3"}}
)
FLOOR = load.Request("POST", "/v3/messages", JSON, PAGE, 202)
HOOKED = {**JSON, "x-api-key": "hooked"}
ROWS = {
    "plain send": FLOOR,
    # The account's clock stands still, so that deliveries wait: what is measured is the send.
    "send with a webhook subscribed": load.Request("POST", "/v3/messages", HOOKED, PAGE, 202),
    "send with a fresh key": load.Request("POST", "/v3/messages", {**JSON, "idempotency-key": "k{n}"}, PAGE, 202),
    "replay": load.Request("POST", "/v3/messages", {**JSON, "idempotency-key": "same"}, PAGE, 202),
    "400 with two faults": load.Request("POST", "/v3/messages", JSON, '{"to":[]}', 400),
    "GET of a message": load.Request("GET", "/v3/messages/{id}", {"x-api-key": "bench"}, "", 200),
    "402 by scenario": load.Request(
        "POST", "/v3/messages", {**JSON, "x-mock-scenario": "insufficient-balance"}, PAGE, 402
    ),
}


# What there may be more and more of: the request that adds one, and the one that is measured then.
KEPT = {
    "sends": (FLOOR, FLOOR),
    "idempotency keys, a send with a fresh one": (ROWS["send with a fresh key"], ROWS["send with a fresh key"]),
    "accounts": (load.Request("POST", "/v3/messages", {**JSON, "x-api-key": "account-{n}"}, PAGE, 202), FLOOR),
}


def subscribe(server: Server) -> None:
    """Give one account a webhook, and stop its clock."""
    wait_for(server, FLOOR)
    webhook = {"display_name": "bench", "endpoint_url": "http://127.0.0.1:9/hook", "event_types": ["messages"]}
    ask(server.port, load.Request("POST", "/v3/webhooks", HOOKED, json.dumps(webhook), 201))
    ask(server.port, load.Request("POST", "/_mock/clock", HOOKED, '{"freeze": true}', 200))


def curve(mock: list[str], sizes: tuple[int, ...], adding: load.Request, wanted: load.Request) -> dict[int, float]:
    """CPU microseconds of a request once `adding` was asked so many times."""
    found = {}
    with started(["env", "MOCK_SENT_MAX_ACCOUNTS=200000", *mock]) as server:
        done = 0
        wait_for(server, FLOOR)
        for size in sizes:
            while done < size:
                if size - done < 2_000:
                    ask(server.port, adding, done)
                    done += 1
                else:
                    done += load.run(server.port, adding, 1).requests
            found[size] = steady(server, wanted)
    return found


def rules(mock: list[str], sizes: tuple[int, ...]) -> dict[int, float]:
    """CPU microseconds of a plain send that so many rules do not fit."""
    found = {}
    for size in sizes:
        other = '{when: {to: "+44*"}, then: {fail: internal_error}}'
        scenario = f"{{schema: 1, name: s, send: [{', '.join([other] * size)}]}}"
        with started(["env", f"MOCK_SENT_SCENARIO_INLINE={scenario}", *mock]) as server:
            wait_for(server, FLOOR)
            found[size] = steady(server, FLOOR)
    return found


def peers(seconds: int, rounds: int) -> dict[str, dict[str, float]]:
    """The same request to other mock servers; their memory is that after the first answer, and after all of this."""
    import peers as others

    answer = json.loads(PAGE_ANSWER)
    found = {}
    for name, command in others.commands(answer).items():
        with started(command) as server:
            begun = time.monotonic()
            wait_for(server, FLOOR)
            ms, after_start = (time.monotonic() - begun) * 1000, server.usage().memory
            runs = [measured(server, FLOOR, seconds) for _ in range(rounds)]
            sizes = {"mb_after_start": round(after_start, 1), "mb_after_load": round(server.usage().memory, 1)}
            found[name] = {**medians(runs), "first_answer_ms": round(ms), **sizes}
    return found


def ask(port: int, request: load.Request, n: int = 0) -> tuple[int, bytes]:
    data = request.body.encode() or None
    headers = {name: value.replace("{n}", str(n)) for name, value in request.headers.items()}
    wanted = urllib.request.Request(
        f"http://127.0.0.1:{port}{request.path}", data=data, headers=headers, method=request.method
    )
    with urllib.request.urlopen(wanted, timeout=5) as response:
        return response.status, response.read()


def wait_for(server: Server, request: load.Request) -> bytes:
    """The first right answer."""
    for _ in range(10_000):
        try:
            return ask(server.port, request)[1]
        except OSError:
            time.sleep(0.002)
    raise SystemExit("the server did not come up")


def measured(server: Server, request: load.Request, seconds: int) -> dict[str, float]:
    before = server.usage().cpu
    result = load.run(server.port, request, seconds)
    if result.wrong:
        raise SystemExit(f"{result.wrong} of {result.requests} answers were not {request.status}: {request}")
    cpu = server.usage().cpu - before
    return {"us": cpu / result.requests * 1e6, "rps": result.requests / result.seconds, "p99": result.p99}


def steady(server: Server, request: load.Request) -> float:
    """CPU microseconds of a request, the median of three runs."""
    return medians([measured(server, request, 1) for _ in range(3)])["us"]


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(run[name] for run in runs), 1) for name in runs[0]}


def rows(seconds: int, rounds: int, floor: list[str], mock: list[str]) -> dict[str, dict[str, float]]:
    """Each row and the floor in turns."""
    found: dict[str, list[dict[str, float]]] = {"floor": [], **{name: [] for name in ROWS}}
    with started(floor) as bare, started(mock) as server:
        wait_for(bare, FLOOR)
        subscribe(server)
        id = json.loads(wait_for(server, FLOOR))["data"]["recipients"][0]["message_id"]
        for _ in range(rounds):
            for name, request in ROWS.items():
                wanted = load.Request(**{**vars(request), "path": request.path.replace("{id}", id)})
                found["floor"].append(measured(bare, FLOOR, seconds))
                if "{id}" in request.path:  # the message must not have been crowded out by the sends before
                    id = json.loads(ask(server.port, FLOOR)[1])["data"]["recipients"][0]["message_id"]
                    wanted = load.Request(**{**vars(request), "path": request.path.replace("{id}", id)})
                found[name].append(measured(server, wanted, seconds))
    return {name: medians(runs) for name, runs in found.items()}


def cold_start(command: list[str], times: int) -> float:
    """Milliseconds from the start of the process to the first right answer, the median."""
    spans = []
    for _ in range(times):
        begun = time.monotonic()
        with started(command) as server:
            wait_for(server, FLOOR)
            spans.append((time.monotonic() - begun) * 1000)
    return round(statistics.median(spans))


def memory(command: list[str], sends: int) -> tuple[float, float]:
    """Megabytes after the start, and after so many sends."""
    with started(command) as server:
        wait_for(server, FLOOR)
        after_start, done = server.usage().memory, 0
        while done < sends:
            done += load.run(server.port, FLOOR, 2).requests
        return round(after_start, 1), round(server.usage().memory, 1)


def table(figures: dict[str, Any]) -> str:
    floor = figures["rows"]["floor"]["us"]
    lines = ["| | CPU us/request | x floor | requests/s | p99 ms |", "| --- | --- | --- | --- | --- |"]
    for name, row in figures["rows"].items():
        lines.append(f"| {name} | {row['us']:.0f} | {row['us'] / floor:.2f} | {row['rps']:,.0f} | {row['p99']} |")
    lines += ["", "| | cold start ms | MB after start | MB after load |", "| --- | --- | --- | --- |"]
    for name, (ms, start, after) in figures["process"].items():
        lines.append(f"| {name} | {ms} | {start} | {after} |")
    for title, curves in (("kept", figures["kept"]), ("that do not fit", {"rules": figures["rules"]})):
        sizes = next(iter(curves.values()))
        lines += [
            "",
            f"| {title} | " + " | ".join(f"{size:,}" for size in sizes) + " |",
            "| --- " * (len(sizes) + 1) + "|",
        ]
        lines += [
            f"| {name} | " + " | ".join(f"{us:.0f}" for us in found.values()) + " |" for name, found in curves.items()
        ]
    if "peers" in figures:
        lines += [
            "",
            "| peer | CPU us/request | requests/s | p99 ms | first answer ms | MB after start | MB after load |",
        ]
        lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
        for name, row in figures["peers"].items():
            sizes = f"{row['mb_after_start']} | {row['mb_after_load']}"
            work = f"{row['us']:.0f} | {row['rps']:,.0f} | {row['p99']}"
            lines.append(f"| {name} | {work} | {row['first_answer_ms']} | {sizes} |")
    return "\n".join(lines)


def whole_seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(
            f"must be a whole number from 1 on, because wrk knows no other; it is {text!r}"
        )
    return int(text)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=whole_seconds, default=3)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--starts", type=int, default=20)
    options.add_argument("--sends", type=int, default=100_000)
    options.add_argument("--loop", default="uvloop", help="of the floor: uvloop or asyncio")
    options.add_argument("--peers", action="store_true", help="Prism, Mockoon, Steady, WireMock too (npm, java)")
    options.add_argument("--json", default=str(RESULTS), help="where the figures go; git ignores the default")
    given = options.parse_args()
    floor = [sys.executable, str(Path(__file__).with_name("floor.py")), "{port}", given.loop]
    mock = [sys.executable, "-m", "mock_sent"]
    figures: dict[str, Any] = {"rows": rows(given.seconds, given.rounds, floor, mock), "process": {}}
    for name, command in (("floor", floor), ("mock-sent", mock)):
        figures["process"][name] = (cold_start(command, given.starts), *memory(command, given.sends))
    figures["kept"] = {name: curve(mock, (1, 1_000, 100_000), *requests) for name, requests in KEPT.items()}
    figures["rules"] = rules(mock, (1, 10, 100))
    if given.peers:
        figures["peers"] = peers(given.seconds, given.rounds)
    print(table(figures))
    Path(given.json).write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
