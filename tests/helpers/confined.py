"""Started in a network and mount namespace of its own: runs the image's entry point as the image would.

The tree is mounted read-only, only the loopback interface is up, the server runs as the image's user.
Prints what it saw.
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any


def main() -> None:
    order = json.load(sys.stdin)
    tree, user = order["tree"], order["user"]
    _lay_open(order["base"])
    for command in (["ip", "link", "set", "lo", "up"], ["mount", "--bind", tree, tree]):
        subprocess.run(command, check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", tree], check=True)
    options = {"user": user, "group": user, "extra_groups": [], "env": order["environment"], "cwd": tree}
    started = time.perf_counter()
    server = subprocess.Popen(order["start"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options)
    try:
        seen: dict[str, Any] = {"healthy": _healthy(order["health"], options, started)}
        seen["owner"] = int(_status_of(server.pid, "Uid").split()[0])
        seen["writable"] = subprocess.run(["touch", f"{tree}/x"], capture_output=True, **options).returncode == 0
        seen["interfaces"] = _interfaces()
        seen["answer"] = _send(order["request"])
        stopped = time.perf_counter()
        server.send_signal(order["signal"])
        seen["code"] = server.wait(10)
        seen["stop"] = time.perf_counter() - stopped
    finally:
        server.kill()
    json.dump(seen, sys.stdout)


def _lay_open(base: str) -> None:
    """Where the base's Python lies in a home that is closed to others, only this namespace sees it open."""
    closed = [folder for folder in reversed(Path(base).parents) if not folder.stat().st_mode & 0o001]
    if not closed:
        return
    with tempfile.TemporaryDirectory() as held:
        subprocess.run(["mount", "--bind", base, held], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(closed[0])], check=True)
        Path(base).mkdir(parents=True)
        subprocess.run(["mount", "--move", held, base], check=True)


def _healthy(command: list[str], options: dict[str, Any], started: float) -> float:
    """Seconds until the health check says yes, asked as often as the image is asked."""
    while subprocess.run(command, capture_output=True, **options).returncode:
        if time.perf_counter() - started > 10:
            raise SystemExit("not healthy within the start period")
        time.sleep(0.2)
    return time.perf_counter() - started


def _status_of(pid: int, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split(":", 1)[1] for line in lines if line.startswith(name + ":"))


def _interfaces() -> list[str]:
    return [line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]


def _send(body: Any) -> Any:
    request = urllib.request.Request(
        "http://127.0.0.1:4010/v3/messages", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


if __name__ == "__main__":
    main()
