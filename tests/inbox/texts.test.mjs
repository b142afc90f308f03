import assert from "node:assert/strict";
import { test } from "node:test";

import { curlOf } from "../../mock_sent/control/inbox/curl.js";
import { differing } from "../../mock_sent/control/inbox/differing.js";
import { Parser } from "../../mock_sent/control/inbox/stream.js";
import { counted, span } from "../../mock_sent/control/inbox/times.js";

test("events are cut out of chunks, wherever these end", () => {
  const text = 'retry: 1000\n\n: ping\n\nevent: exchange\nid: 1-2\ndata: {"a":": x"}\n\nevent: reset\ndata: {}\n\n';
  for (let size = 1; size < text.length; size++) {
    const parser = new Parser(), events = [];
    for (let i = 0; i < text.length; i += size) events.push(...parser.feed(text.slice(i, i + size)));
    assert.deepEqual(events, [{ kind: "exchange", id: "1-2", data: { a: ": x" } }, { kind: "reset", id: "", data: {} }]);
  }
});
test("curl makes the request again, whatever stands in it", () => {
  const request = { headers: { host: "x", "x-api-key": "****1234", "idempotency-key": "it's" }, body: { to: ["'; rm -rf /; '"] } };
  const text = curlOf("http://127.0.0.1:4010", { method: "POST", path: "/v3/messages", request });
  assert.ok(text.startsWith("curl -X POST 'http://127.0.0.1:4010/v3/messages' \\\n"));
  assert.ok(text.includes(`-H 'idempotency-key: it'\\''s'`));
  assert.ok(text.includes('-H "x-api-key: $SENT_API_KEY"'));
  assert.ok(text.includes(`"'\\''; rm -rf /; '\\''"`));
  assert.ok(!text.includes("host"));
});
test("bodies differ by name, whatever the order", () => {
  assert.deepEqual(differing({ a: 1, b: { c: 1, d: 2 } }, { b: { d: 2, c: 1 }, a: 1 }), []);
  assert.deepEqual(differing({ a: 1, b: 1 }, { a: 2, b: 1, c: 3 }), ["a", "c"]);
  assert.deepEqual(differing("x", { a: 1 }), ["the whole body"]);
});
test("spans and counts in words", () => {
  assert.deepEqual([0, 300, 1500, 240_000, 86_400_000, 300_000_000].map(span), ["0 ms", "300 ms", "1.5 s", "4 min", "24 h", "3.5 d"]);
  assert.deepEqual([counted(1, "error"), counted(0, "error"), counted("unknown", "error"), counted(10000, "message")], ["1 error", "0 errors", "? errors", "10,000 messages"]);
});
