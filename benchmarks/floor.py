"""The floor: what uvicorn itself costs for a constant answer. Everything above it is ours."""

import sys

BODY = b'{"success":true}' + b" " * 680


async def app(scope, receive, send):  # type: ignore[no-untyped-def]
    if scope["type"] != "http":
        return
    await receive()
    await send(
        {"type": "http.response.start", "status": 202, "headers": [(b"content-length", str(len(BODY)).encode())]}
    )
    await send({"type": "http.response.body", "body": BODY})


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, port=int(sys.argv[1]), loop=sys.argv[2], http="httptools", access_log=False, log_level="error")
