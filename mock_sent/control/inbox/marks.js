// Small marks that several views use: status ticks, channels, pills.

import { el } from "./dom.js";

/** The mark of a status. `words`, those of the edition, give our name of its stage, by which CSS styles it. */
export function tick(status, words) {
  return el("span.tick", { role: "img", "aria-label": status.toLowerCase(), title: status, data: words.appearance(status) });
}

const CHANNELS = { sms: "SMS", whatsapp: "WhatsApp", sent: "Auto", rcs: "RCS" };

export function channelName(channel) {
  return CHANNELS[channel] ?? channel;
}

export function channelTag(channel) {
  return el("span.channel", { data: { channel } }, channelName(channel));
}

/** An HTTP status, coloured by its class. */
export function statusPill(status, lost = false) {
  return el("span.pill", { data: { kind: lost ? "lost" : String(status)[0] } }, String(status));
}

/** The status of the answer; without an answer, whether the mock broke the connection or the client left. */
export function answerPill({ status, fault, answer_lost: lost }) {
  if (status) return statusPill(status, lost && status >= 200 && status < 300);
  return el("span.pill", { data: { kind: "lost" } }, fault ? "broken" : "left");
}

// What the client received for faults that send something before the connection breaks.
const PARTS = { truncate: "the answer was cut off in its middle", garbage: "bytes that are no answer were sent" };

/** Why an exchange has no answer, in a clause; null if it has one. */
export function unanswered({ status, fault }) {
  if (status) return null;
  if (!fault) return "the client left before it was answered";
  return `the connection was broken (${fault}), and ${PARTS[fault] ?? "nothing was answered"}`;
}

/** How the idempotency key was handled; the short form leaves out the request that first used the key. */
export function fate(x, short = false) {
  if (!x.key_fate) return null;
  const owner = short || !x.original_request_id ? "" : ` ${x.key_fate === "replayed" ? "from" : "with"} ${x.original_request_id}`;
  return el("span.fate", { data: { fate: x.key_fate } }, `${x.key_fate}${owner}`);
}
