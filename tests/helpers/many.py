"""Many requests at once, each on a connection of its own."""

import asyncio


async def post(port: int, body: bytes, headers: dict[str, str], start: asyncio.Event) -> tuple[int, bytes]:
    """One request on a connection of its own, sent when the event is set: its status and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"{name}: {value}" for name, value in {"host": "localhost", "connection": "close", **headers}.items()]
    head = "\r\n".join(["POST /v3/messages HTTP/1.1", *lines, f"content-length: {len(body)}", "", ""])
    await start.wait()
    writer.write(head.encode() + body)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head_bytes, _, content = answer.partition(b"\r\n\r\n")
    return int(head_bytes.split(b" ")[1]), content


async def all_at_once(port: int, bodies: list[bytes], headers: dict[str, str]) -> list[tuple[int, bytes]]:
    start = asyncio.Event()
    tasks = [asyncio.create_task(post(port, body, headers, start)) for body in bodies]
    while len(asyncio.all_tasks()) < len(tasks):
        await asyncio.sleep(0)
    start.set()
    return await asyncio.gather(*tasks)
