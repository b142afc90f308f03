// The list of the audit's findings: mistakes of the client under test, even if every request was accepted.

import { button, el } from "./dom.js";
import { counted } from "./times.js";

export function auditSummary({ errors, warnings, result }) {
  if (!errors && !warnings) return result === "unknown" ? "No finding, but not all is known" : "No finding";
  return [errors && counted(errors, "error"), warnings && counted(warnings, "warning")].filter(Boolean).join(", ");
}

export function auditList(audit, act) {
  if (!audit.findings.length) {
    return el("p", "The audit found no mistake of your program: no key used for another body, no retry with a new key, no message sent twice.");
  }
  return el("ol.findings", ...audit.findings.slice(0, 200).map((finding) => el("li.finding", { data: { severity: finding.severity } },
    el("p", el("span.severity", finding.severity), " ", el("b", finding.kind.replaceAll("_", " "))),
    el("p", sentence(finding.differs)),
    el("p.quiet", sentence(finding.in_production)),
    el("p.links",
      button(`Show ${finding.request.request_id}`, () => act.openRequest(finding.request.request_id), { className: "small" }), " ",
      finding.earlier_request_id && button(`Show the earlier ${finding.earlier_request_id}`, () => act.openRequest(finding.earlier_request_id), { className: "small" })))));
}

function sentence(text) {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
