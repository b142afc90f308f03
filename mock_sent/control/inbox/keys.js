// One idempotency key: all requests with it, side by side.

import { button, el } from "./dom.js";
import { answerPill, fate } from "./marks.js";
import { differing } from "./differing.js";
import { clockTime } from "./times.js";

/** `related` are the explanations of all requests with the key, the oldest first; undefined while they load. */
export function keySection(x, related, act) {
  const section = el("section", el("h3", "Its idempotency key"));
  if (x.key === null) {
    section.append(el("p.quiet", "It came without one. A retry of it would send once more."));
    return section;
  }
  section.append(el("p", el("code", x.key), " ", fate(x) ?? ""));
  if (related === undefined) return section;
  if (related.length < 2) {
    section.append(el("p.quiet", "Nothing else came with this key."));
    return section;
  }
  const first = related[0];
  section.append(el("div.same-key", { tabIndex: 0, role: "group", "aria-label": "Requests with this key" },
    ...related.map((each) => sameKeyRequest(each, first, x, act))));
  return section;
}

function sameKeyRequest(each, first, current, act) {
  const names = each === first ? [] : differing(first.request.body, each.request.body);
  return el("article.same-key-request", { data: { current: each.request_id === current.request_id ? "yes" : "no" } },
    el("p", answerPill(each), " ", el("span.when", clockTime(each.at))),
    el("p", fate(each) ?? el("span.fate", { data: { fate: "none" } }, "refused before its key was looked at")),
    el("p.quiet", each === first ? "the first with this key" : names.length ? `another body: ${names.join(", ")}` : "the same body"),
    each.request_id === current.request_id
      ? el("p.quiet", "shown here")
      : button(each.request_id, () => act.openRequest(each.request_id), { className: "small link" }));
}

