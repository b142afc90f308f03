import assert from "node:assert/strict";
import { test } from "node:test";

import { unanswered } from "../../mock_sent/control/inbox/marks.js";
import { inShort } from "../../mock_sent/control/inbox/requests.js";
import { Words } from "../../mock_sent/control/inbox/words.js";

const edition = {
  edition: "2031-01",
  statuses: [
    { status: "TAKEN", stage: "accepted", event: "note.taken", failed: false, final: false },
    { status: "ARRIVED", stage: "delivered", event: "note.arrived", failed: false, final: true },
    { status: "BROKEN", stage: "failed", event: null, failed: true, final: true },
  ],
  delivery_states: { pending: "WAITING", delivered: "TOLD" },
  topics: ["notes"],
};
const exchange = { method: "POST", path: "/v3/messages", operation: "sendMessage", status: 202, outcome: "accepted", rule: null, fault: null, key_fate: null, messages: [] };

test("a status looks as its stage, whatever the edition calls it", () => {
  const words = new Words(edition);
  assert.deepEqual(words.appearance("ARRIVED"), { status: "ARRIVED", stage: "delivered", failed: "no" });
  assert.deepEqual(words.appearance("BROKEN"), { status: "BROKEN", stage: "failed", failed: "yes" });
  assert.deepEqual(["TAKEN", "ARRIVED"].map((status) => words.of(status).final), [false, true]);
  assert.equal(words.failure, "failed");
  assert.equal(words.ofDelivery("TOLD"), "delivered");
});
test("an event is called as the status that it tells", () => {
  const words = new Words(edition);
  assert.equal(words.ofEvent("note.arrived"), "arrived");
  assert.equal(words.ofEvent("something.else"), "something.else");
});
test("before the edition is known, no status means anything", () => {
  const words = new Words();
  assert.deepEqual(words.appearance("ARRIVED"), { status: "ARRIVED", stage: "", failed: "no" });
  assert.equal(words.of("ARRIVED").final, false);
  assert.equal(words.failure, undefined);
});
test("a connection that was broken is told apart from a client that left", () => {
  const said = (fault) => unanswered({ status: 0, fault });
  for (const fault of ["reset", "empty", "hang"]) assert.equal(said(fault), `the connection was broken (${fault}), and nothing was answered`);
  assert.equal(said("truncate"), "the connection was broken (truncate), and the answer was cut off in its middle");
  assert.equal(said("garbage"), "the connection was broken (garbage), and bytes that are no answer were sent");
  assert.equal(said(null), "the client left before it was answered");
  assert.equal(unanswered({ status: 202, fault: null }), null);
});
test("the list of requests says it once", () => {
  const dropped = { ...exchange, status: 0, outcome: "dropped", fault: "reset", rule: "lost-ack/1#1" };
  assert.equal(inShort(dropped), "the connection was broken (reset), and nothing was answered · rule lost-ack/1#1");
});
