// Why a request was answered so, and why its messages end as they do, in sentences. No side effects.

import { unanswered } from "./marks.js";
import { span } from "./times.js";

/** One or two sentences: which rule answered the request, and what decided about its messages. */
export function verdict(x) {
  return [answered(x), afterwards(x.why)].filter(Boolean).join(" ");
}

function answered(x) {
  const { why: reasons } = x;
  if (x.status === 0 && !x.fault) return sentence(unanswered(x));
  if (reasons.contract_faults.length) return "The request breaks the contract, so no rule was asked.";
  if (reasons.rule) {
    const delay = reasons.delay_seconds ? ` after ${span(reasons.delay_seconds * 1000)}` : "";
    const how = reasons.decision === "fail" && x.outcome ? `fail with ${x.outcome}` : reasons.decision ?? "accept";
    return `The rule ${reasons.rule} fired: ${how}${delay}.${x.fault ? ` ${sentence(unanswered(x))}` : ""}`;
  }
  if (x.key_fate === "replayed") return "Its idempotency key was known, so the first answer was given again.";
  if (x.outcome && x.outcome !== "accepted") return `No rule fired. The API itself says ${x.outcome}.`;
  const decided = reasons.deliver_rules?.length || reasons.gate;
  return decided ? "No send rule fired, so it was accepted as usual." : "No rule fired, so it was answered as usual.";
}

/** What decided about the messages of a request, if it was not the usual course; null for that. */
function afterwards({ deliver_rules: rules = [], gate = null }) {
  if (gate) return `Its messages fail at the gate "${gate}": see the warnings.`;
  if (!rules.length) return null;
  const more = rules.length > 3 ? ` and ${rules.length - 3} more` : "";
  const names = `${rules.slice(0, 3).join(", ")}${more}`;
  return `The deliver rule${rules.length === 1 ? "" : "s"} ${names} decided what becomes of its messages.`;
}

/** Who failed a message, or planned its course, in a sentence; null for the usual course. */
export function planned({ deliver_rule: rule, gate, timeline }) {
  if (gate) return `It fails at the gate "${gate}".`;
  if (!rule) return null;
  return (timeline ?? []).some((event) => event.rule) ? `The deliver rule ${rule} fails it.` : `The deliver rule ${rule} decided this.`;
}

function sentence(clause) {
  return `${clause.slice(0, 1).toUpperCase()}${clause.slice(1)}.`;
}
