import assert from "node:assert/strict";
import { test } from "node:test";

import { AccountClock } from "../../mock_sent/control/inbox/clock.js";
import { requestFilter, Store } from "../../mock_sent/control/inbox/store.js";
import { Words } from "../../mock_sent/control/inbox/words.js";

const AT = Date.parse("2026-03-11T21:50:50.000Z");
const iso = (ms) => new Date(AT + ms).toISOString().replace("Z", "0000+00:00");
const way = ["ACCEPTED", "PROCESSED", "SENT", "DELIVERED"].map((status, i) => ({ status, at: iso(i * 300), reason: null }));
const WORDS = new Words({ statuses: way.map(({ status }) => ({ status, final: status === "DELIVERED" })) });
const message = (id, to, more = {}) => ({ id, to, status: "ACCEPTED", advance: "clock", timeline: way, text: "Hi", at: iso(0), ...more });
const exchange = (number, more = {}) => ({ request_id: `req_${number}`, number, at: iso(number), method: "POST", path: "/v3/messages", status: 202, outcome: "accepted", key: null, key_fate: null, rule: null, fault: null, profile: null, answer_lost: false, messages: [], ...more });

test("conversations are by recipient, the latest first", () => {
  const store = new Store(WORDS);
  store.takeMessages([message("1", "+1"), message("2", "+2"), message("3", "+1")]);
  assert.deepEqual(store.conversationsOf(null).map((c) => [c.to, c.shown.map((m) => m.id)]), [["+1", ["1", "3"]], ["+2", ["2"]]]);
  assert.equal(store.last, "3");
});
test("a message that comes twice is one", () => {
  const store = new Store(WORDS);
  assert.equal(store.takeMessages([message("1", "+1")]), true);
  assert.equal(store.takeMessages([message("1", "+1")]), false);
  assert.equal(store.conversationsOf(null)[0].messages.length, 1);
});
test("a status moves with the clock, without asking", () => {
  const store = new Store(WORDS);
  const m = message("1", "+1");
  store.takeMessages([m], AT);
  for (const [ms, status] of [[0, "ACCEPTED"], [299, "ACCEPTED"], [300, "PROCESSED"], [700, "SENT"], [86_400_000, "DELIVERED"]]) {
    store.tick(AT + ms);
    assert.equal(m.status, status);
  }
  assert.equal(store.unfinished.size, 0);
  assert.equal(store.tick(AT + 90_000_000), false);
});
test("a message that is moved by hand waits for the server", () => {
  const store = new Store(WORDS);
  const m = message("1", "+1", { advance: "manual", timeline: way.slice(0, 1) });
  store.takeMessages([m], AT);
  store.tick(AT + 1e9);
  assert.equal(m.status, "ACCEPTED");
  store.takeMessages([{ ...m, status: "PROCESSED", timeline: way.slice(0, 2) }]);
  assert.equal(store.conversationsOf(null)[0].messages[0].status, "PROCESSED");
});
test("only conversations with something that fits are found", () => {
  const store = new Store(WORDS);
  store.takeMessages([message("1", "+1", { text: "yes" }), message("2", "+1"), message("3", "+2")]);
  assert.deepEqual(store.conversationsOf((m) => m.text === "yes").map((c) => [c.to, c.shown.length, c.messages.length]), [["+1", 1, 2]]);
});
test("requests come once, from list and stream, in the order of their numbers", () => {
  const store = new Store(WORDS);
  assert.equal(store.takeRequest(exchange(3)), true);
  store.takeRequests([exchange(3), exchange(2), exchange(1)]);
  assert.equal(store.takeRequest(exchange(2)), false);
  assert.deepEqual(store.requestsOf(null).map((x) => x.number), [3, 2, 1]);
  assert.equal(store.lastRequest.number, 3);
});
test("unowned requests stand among the others by their time", () => {
  const store = new Store(WORDS);
  store.takeRequests([exchange(4), exchange(2)]);
  store.takeUnowned([exchange(5), exchange(3), exchange(1)]);
  assert.deepEqual(store.requestsOf(null).map((x) => x.number), [5, 4, 3, 2, 1]);
});
test("the filter of requests", () => {
  const all = [exchange(1), exchange(2, { status: 402, outcome: "insufficient_balance", rule: "poor/1" }), exchange(3, { fault: "reset", answer_lost: true }), exchange(4, { key_fate: "replayed", original_request_id: "req_1", key: "k" })];
  const found = (filter) => all.filter(requestFilter(filter)).map((x) => x.number);
  assert.equal(requestFilter({}), null);
  assert.deepEqual(found({ status: "4" }), [2]);
  assert.deepEqual(found({ status: "2" }), [1, 3, 4]);
  assert.deepEqual(found({ status: "lost" }), [3]);
  assert.deepEqual(found({ status: "replayed" }), [4]);
  assert.deepEqual(found({ text: "POOR balance" }), [2]);
});
test("ten thousand messages are taken in and found quickly", () => {
  const store = new Store(WORDS);
  const began = performance.now();
  store.takeMessages(Array.from({ length: 10_000 }, (_, i) => message(`${i}`, `+1${i % 5000}`)), AT);
  assert.equal(store.conversationsOf((m) => m.to.includes("999")).length > 0, true);
  store.tick(AT + 350);
  assert.ok(performance.now() - began < 300);
});
test("the clock runs between two looks, stands when frozen, and tells when it was moved", () => {
  let at = 0;
  const clock = new AccountClock(() => at);
  clock.set({ now: iso(0), frozen: false });
  at = 500;
  assert.equal(clock.now(), AT + 500);
  assert.deepEqual(clock.set({ now: iso(510), frozen: false }), { moved: false, back: false });
  assert.deepEqual(clock.set({ now: iso(86_400_000), frozen: true }), { moved: true, back: false });
  at = 900;
  assert.equal(clock.now(), AT + 86_400_000);
  assert.equal(clock.set({ now: iso(0), frozen: true }).back, true);
});
