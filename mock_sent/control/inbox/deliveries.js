// The webhook deliveries of a message: each with its attempts and the answers of the receiver.

import { button, el } from "./dom.js";
import { statusPill } from "./marks.js";
import { dayAndTime } from "./times.js";

export function webhookSection(deliveries, words, act) {
  const section = el("section", el("h3", "Webhooks"));
  if (deliveries === undefined) {
    section.append(el("p.quiet", "Loading …"));
  } else if (!deliveries.length) {
    section.append(el("p.quiet", "No webhook received this message. POST /v3/webhooks makes one; MOCK_SENT_WEBHOOK_URL gives one to every account."));
  } else {
    section.append(el("ol.deliveries", ...deliveries.map((delivery) => row(delivery, words, act))));
  }
  return section;
}

function row(delivery, words, act) {
  const event = words.ofEvent(delivery.event_type);
  const tries = delivery.tries ?? [];
  return el("li.delivery", { data: { status: delivery.status, state: words.ofDelivery(delivery.status) } },
    el("p", el("b", event), " ", el("span.state", delivery.status.toLowerCase()), " ", el("span.url", delivery.endpoint_url)),
    tries.length
      ? el("ol.tries", ...tries.map((attempt, i) => el("li", attemptOf(attempt, i))))
      : el("p.quiet", "Not tried yet."),
    // The line above shows the error of the last attempt. A different error says why there is no further attempt.
    delivery.error && delivery.error !== tries.at(-1)?.error && el("p.reason", delivery.error),
    button("Resend", () => act.resend(delivery.id), { className: "small", "aria-label": `Resend ${event} to ${delivery.endpoint_url}` }));
}

function attemptOf({ at, http_status, answer, error }, i) {
  return [
    el("span.quiet", `${i + 1}. `),
    http_status ? statusPill(http_status) : el("span.pill", { data: { kind: "lost" } }, "no answer"),
    " ", el("span.when", dayAndTime(at)),
    (answer || error) && el("span.answer", answer || error),
  ];
}
