"""Other mock servers, from npm, set up to answer the same request: each as its own documentation says."""

import json
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE / "peers"  # git ignores it
CONTRACT = HERE.parent / "openapi.yaml"
PACKAGES = {
    "Prism": "@stoplight/prism-cli@5.16.0",
    "Mockoon": "@mockoon/cli@9.9.0",
    "Steady": "@stdy/cli@0.22.2",
    "WireMock": "wiremock@3.13.2",
}


def commands(answer: dict[str, object]) -> dict[str, list[str]]:
    """How each peer is started on `{port}`; `answer` is what those give that are taught their answers."""
    FOLDER.mkdir(exist_ok=True)
    _install()
    bin = FOLDER / "node_modules" / ".bin"
    (FOLDER / "mockoon.json").write_text(json.dumps(_mockoon(answer)))
    mappings = FOLDER / "wiremock" / "mappings"
    mappings.mkdir(parents=True, exist_ok=True)
    (mappings / "send.json").write_text(json.dumps(_wiremock(answer)))
    return {
        "Prism": [str(bin / "prism"), "mock", str(CONTRACT), "-p", "{port}", "-v", "error"],
        "Mockoon": [str(bin / "mockoon-cli"), "start", "-d", str(FOLDER / "mockoon.json"), "-p", "{port}", "-X"],
        "Steady": [str(bin / "steady"), "--port", "{port}", str(CONTRACT)],
        "WireMock": [str(bin / "wiremock"), "--port", "{port}", "--root-dir", str(FOLDER / "wiremock")],
    }


def _install() -> None:
    if not (FOLDER / "package.json").exists():
        (FOLDER / "package.json").write_text('{"private": true}')
    if not (FOLDER / "node_modules").exists():
        command = ["npm", "install", "--silent", "--no-fund", "--no-audit", *PACKAGES.values()]
        subprocess.run(command, cwd=FOLDER, check=True)


def _wiremock(answer: dict[str, object]) -> dict[str, object]:
    return {
        "request": {"method": "POST", "urlPath": "/v3/messages"},
        "response": {"status": 202, "jsonBody": answer, "headers": {"Content-Type": "application/json"}},
    }


def _mockoon(answer: dict[str, object]) -> dict[str, object]:
    response = {
        "uuid": "r1", "body": json.dumps(answer), "latency": 0, "statusCode": 202, "label": "", "headers": [],
        "bodyType": "INLINE", "filePath": "", "databucketID": "", "sendFileAsBody": False, "rules": [],
        "rulesOperator": "OR", "disableTemplating": False, "fallbackTo404": False, "default": True, "crudKey": "id",
        "callbacks": [],
    }  # fmt: skip
    route = {
        "uuid": "e1", "type": "http", "documentation": "", "method": "post", "endpoint": "v3/messages",
        "responses": [response], "responseMode": None, "streamingMode": None, "streamingInterval": 0,
    }  # fmt: skip
    return {
        "uuid": "m1", "lastMigration": 33, "name": "send", "endpointPrefix": "", "latency": 0, "port": 4010,
        "hostname": "", "folders": [], "routes": [route], "rootChildren": [{"type": "route", "uuid": "e1"}],
        "proxyMode": False, "proxyHost": "", "proxyRemovePrefix": False, "cors": False, "headers": [],
        "proxyReqHeaders": [], "proxyResHeaders": [], "data": [], "callbacks": [],
        "tlsOptions": {"enabled": False, "type": "CERT", "pfxPath": "", "certPath": "", "keyPath": "", "caPath": ""},
    }  # fmt: skip
