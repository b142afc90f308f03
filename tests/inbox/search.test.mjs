import assert from "node:assert/strict";
import { test } from "node:test";

import { searchOf } from "../../mock_sent/control/inbox/search.js";

const message = {
  id: "8ba7", to: "+447700900123", channel: "sms", status: "FAILED", text: "Hi Ada, your order #12345 has been confirmed.",
  template: { id: "7ba7b820", name: "order_confirmation" }, idempotency_key: "order-12345", request_id: "req_1",
};
const fits = (text, change = {}) => searchOf(text)({ ...message, ...change });

test("nothing asked is no predicate", () => {
  for (const text of ["", "  ", "to:", '""']) assert.equal(searchOf(text), null);
});
test("each word looks at its own part", () => {
  for (const text of ["to:+4477", "to:+44*", "template:order*", "template:7ba7b820", "status:failed", "channel:SMS", "key:order-12345"]) assert.ok(fits(text), text);
  for (const text of ["to:+1*", "template:welcome", "status:delivered", "channel:whatsapp", "key:other"]) assert.ok(!fits(text), text);
});
test("a star is the only wildcard, and a pattern with one covers the whole", () => {
  assert.ok(fits("to:*0123"));
  assert.ok(fits("key:o*1*5"));
  assert.ok(!fits("to:*012"));
  assert.ok(!fits("key:o*5*5"));
  assert.ok(!fits("to:+44.*"));
});
test("words are and-ed, the same word twice is either", () => {
  assert.ok(fits("to:+1* to:+44* status:failed"));
  assert.ok(!fits("to:+44* status:sent"));
});
test("free text looks everywhere, in quotes with spaces", () => {
  for (const text of ["ada", '"your order"', "req_1", "12345 confirmed"]) assert.ok(fits(text), text);
  assert.ok(!fits("grace"));
  assert.ok(!fits('"order your"'));
});
test("an unknown word is text, and names of Object are no words", () => {
  assert.ok(fits("#12345"));
  assert.ok(!fits("constructor:x"));
  assert.ok(fits("note:", { text: "note: later" }));
});
test("a message without a key has none", () => assert.ok(!fits("key:*", { idempotency_key: null })));
test("no pattern is slow", () => {
  const began = performance.now();
  searchOf(`to:${"a*".repeat(5000)}b`)({ ...message, to: "a".repeat(50_000) });
  assert.ok(performance.now() - began < 500);
});
