"""Runs inside an SDK's own environment: reads steps from stdin, takes them with the official client, prints results.

The steps come in phases; those of one phase run at the same time, because the client sleeps between its retries.
"""

import importlib
import inspect
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def main() -> None:
    """Nothing of the client is changed but its base URL and key."""
    order = json.load(sys.stdin)
    sdk = importlib.import_module("sent_dm")
    make = getattr(sdk, "Sent", None) or sdk.SentDm
    importlib.import_module("sent_dm.resources")  # the client does it when first used, and two threads at once deadlock
    results: dict[str, Any] = {}
    with ThreadPoolExecutor(16) as pool:
        for phase in order["phases"]:
            under_way = {step["name"]: pool.submit(_take, sdk, make, order, step, results) for step in phase}
            results |= {name: answer.result() for name, answer in under_way.items()}
    json.dump(results, sys.stdout, default=str)


def _take(sdk: Any, make: Any, order: dict[str, Any], step: dict[str, Any], results: dict[str, Any]) -> Any:
    client = make(
        base_url=order["url"],
        api_key=step.get("api_key", order["api_key"]),
        max_retries=step.get("retries", 0),
        timeout=step.get("timeout", 10),
        _strict_response_validation=True,
    )
    if step["call"] == "parse":
        return {"body": {"data": _parse(**step["arguments"])}}
    try:
        if step["call"] == "post":  # a path that no method of this SDK has
            return {"status": 200, "body": client.post(step["arguments"]["id"], cast_to=object)}
        return _success(_call(client, step, results))
    except sdk.APIError as e:
        status, response = getattr(e, "status_code", None), getattr(e, "response", None)
        headers = dict(response.headers) if response is not None else {}
        return {"error": type(e).__name__, "status": status, "body": e.body, "headers": headers}


def _call(client: Any, step: dict[str, Any], results: dict[str, Any]) -> Any:
    resource = client
    for name in step["call"].split(".")[:-1]:
        resource = getattr(resource, name)
    method = getattr(resource.with_raw_response, step["call"].split(".")[-1])
    known = inspect.signature(method).parameters  # rotate_secret took a `body` once
    arguments = {name: value for name, value in step.get("arguments", {}).items() if name in known}
    if source := step.get("id_of"):
        data = results[source]["body"]["data"]
        arguments["id"] = data.get("id") or data["recipients"][0]["message_id"]
    return method(**arguments, extra_headers=step.get("headers", {}))


def _parse(kind: str, event: Any) -> Any:
    """An event, read strictly into the SDK's own type of that name, with what the type does not know left out."""
    module = importlib.import_module(f"sent_dm.types.{re.sub('(?<!^)(?=[A-Z])', '_', kind).lower()}")
    models = importlib.import_module("sent_dm._models")
    parsed = models.validate_type(type_=getattr(module, kind), value=event)
    return _known(parsed)


def _known(value: Any) -> Any:
    if hasattr(value, "model_fields_set"):
        fields = type(value).model_fields
        return {
            fields[name].alias or name: _known(getattr(value, name)) for name in value.model_fields_set & fields.keys()
        }
    return value


def _success(raw: Any) -> dict[str, Any]:
    parsed = raw.parse()
    body = parsed.to_dict(mode="json", exclude_unset=True) if parsed is not None else None
    return {"status": raw.status_code, "body": body, "headers": dict(raw.headers), "retries": raw.retries_taken}


if __name__ == "__main__":
    main()
