// The small signs that stand everywhere: status ticks, channels, pills.

import { el } from "./dom.js";

const MEANING = {
  ACCEPTED: "accepted", PROCESSED: "processed", SENT: "sent", DELIVERED: "delivered", READ: "read", FAILED: "failed",
};

export function tick(status) {
  return el("span.tick", { role: "img", "aria-label": MEANING[status] ?? status, title: status, data: { status } });
}

const CHANNELS = { sms: "SMS", whatsapp: "WhatsApp", sent: "Auto", rcs: "RCS" };

export function channelName(channel) {
  return CHANNELS[channel] ?? channel;
}

export function channelTag(channel) {
  return el("span.channel", { data: { channel } }, channelName(channel));
}

/** A status of HTTP, coloured by its class; 0 is a client that left. */
export function statusPill(status, lost = false) {
  const kind = lost || !status ? "lost" : String(status)[0];
  return el("span.pill", { data: { kind } }, status ? String(status) : "left");
}

/** What became of its idempotency key; in short without the request that the key belongs to. */
export function fate(x, short = false) {
  if (!x.key_fate) return null;
  const owner = short || !x.original_request_id ? "" : ` ${x.key_fate === "replayed" ? "from" : "with"} ${x.original_request_id}`;
  return el("span.fate", { data: { fate: x.key_fate } }, `${x.key_fate}${owner}`);
}
