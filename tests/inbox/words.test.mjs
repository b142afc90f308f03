import assert from "node:assert/strict";
import { test } from "node:test";

import { unanswered } from "../../mock_sent/control/inbox/marks.js";
import { inShort } from "../../mock_sent/control/inbox/requests.js";
import { planned, verdict } from "../../mock_sent/control/inbox/verdict.js";
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
test("what decided about messages is told beside what answered their request", () => {
  const why = { contract_faults: [], rule: null, decision: null, delay_seconds: 0, deliver_rules: [], gate: null };
  const told = (more, x = exchange) => verdict({ ...x, why: { ...why, ...more } });
  assert.equal(told({}), "No rule fired, so it was answered as usual.");
  assert.equal(told({ deliver_rules: ["delivery-fails/1"] }),
    "No send rule fired, so it was accepted as usual. The deliver rule delivery-fails/1 decided what becomes of its messages.");
  assert.equal(told({ rule: "slow/1", delay_seconds: 2, deliver_rules: ["a/1", "a/2", "a/3", "a/4", "a/5"] }),
    "The rule slow/1 fired: accept after 2 s. The deliver rules a/1, a/2, a/3 and 2 more decided what becomes of its messages.");
  assert.equal(told({ gate: "parameters" }),
    'No send rule fired, so it was accepted as usual. Its messages fail at the gate "parameters": see the warnings.');
});
test("a message says who failed it", () => {
  const failed = { timeline: [{ status: "TAKEN", rule: null }, { status: "BROKEN", rule: "delivery-fails/1" }] };
  assert.equal(planned({ deliver_rule: null, gate: null, timeline: [] }), null);
  assert.equal(planned({ deliver_rule: "delivery-fails/1", gate: null, ...failed }), "The deliver rule delivery-fails/1 fails it.");
  assert.equal(planned({ deliver_rule: "slow/1", gate: null, timeline: [{ status: "TAKEN", rule: null }] }), "The deliver rule slow/1 decided this.");
  assert.equal(planned({ deliver_rule: null, gate: "parameters", timeline: [] }), 'It fails at the gate "parameters".');
});
