// The list of all requests, accepted or refused, each with a short reason.

import { el } from "./dom.js";
import { VirtualList } from "./list.js";
import { answerPill, fate, unanswered } from "./marks.js";
import { clockTime } from "./times.js";

export function requestList(box, chosen) {
  return new VirtualList(box, { row, idOf: (x) => x.request_id, height: 52, chosen });
}

/** The reason of the answer, in one line. */
export function inShort(x) {
  const parts = [];
  if (x.status === 0) parts.push(unanswered(x));
  if (x.outcome && x.outcome !== "accepted" && !x.fault) parts.push(x.outcome);
  if (x.rule) parts.push(`rule ${x.rule}`);
  if (x.messages.length) parts.push(`${x.messages.length} message${x.messages.length === 1 ? "" : "s"}`);
  if (x.key_fate === "replayed") parts.push("the first answer again, nothing sent anew");
  if (x.operation === null && !x.outcome) parts.push("no operation of the API");
  return parts.join(" · ") || x.operation || "";
}

function row(x, node) {
  node.classList.add("request");
  node.append(
    answerPill(x),
    el("span.what", el("b", x.method), ` ${x.path}`),
    el("span.when", clockTime(x.at)),
    el("span.why", inShort(x)),
    fate(x, true) ?? "",
  );
}
