"""What a failure must look like: the whole envelope, compared with literals."""

import httpx2

INVALID = "Request validation failed"


def assert_failure(
    response: httpx2.Response,
    status: int,
    code: str,
    details: dict[str, list[str]] | None = None,
    message: str = INVALID,
) -> None:
    """The answer is exactly this failure; only `meta` is left open, because ids and time are new each time."""
    assert response.status_code == status, response.text
    answer = response.json()
    assert answer == {
        "success": False,
        "data": None,
        "error": {
            "code": code,
            "message": message,
            "details": details,
            "doc_url": f"https://docs.sent.dm/errors/{code}",
        },
        "meta": answer["meta"],
    }
    assert answer["meta"]["request_id"] == response.headers["x-request-id"]
    assert response.headers["content-type"] == "application/json; charset=utf-8"
