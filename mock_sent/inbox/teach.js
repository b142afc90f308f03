// Empty states: what to paste, and which lines of a program to change.

import { copyButton, el } from "./dom.js";

const SHIPPED = { id: "7ba7b820-9dad-11d1-80b4-00c04fd430c8", name: "order_confirmation", variables: ["name", "order_id"] };

export function firstCurl(origin, template = SHIPPED) {
  const parameters = Object.fromEntries(template.variables.map((name) => [name, EXAMPLES[name] ?? "text"]));
  const body = { to: ["+14155551234"], channel: ["sms", "whatsapp"], template: { id: template.id, name: template.name, parameters } };
  return `curl -X POST ${origin}/v3/messages \\\n  -H "Content-Type: application/json" \\\n  -H "Idempotency-Key: first-try-1" \\\n  -d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`;
}

const EXAMPLES = { name: "Ada", order_id: "12345", company: "Analytical Engines", code: "424242" };

export function nothingYet(origin, template) {
  const python = `client = Sent(api_key="test", base_url="${origin}")`;
  const variable = `MOCK_SENT_URL=${origin}  # pytest: the fixture uses this server`;
  return el("div.teach",
    el("h2", "Nothing was sent yet"),
    el("p", "Paste this into a terminal. The message appears here as soon as the mock has accepted it."),
    snippet("A first message", firstCurl(origin, template)),
    el("p", "In your program one line changes, the base URL:"),
    snippet("The Python SDK", python),
    snippet("The tests that use pytest", variable));
}

export function snippet(label, text) {
  return el("figure.snippet",
    el("figcaption", label, copyButton("Copy", () => text)),
    el("pre", { tabIndex: 0, role: "region", "aria-label": label }, el("code", text)));
}

export function note(title, ...sentences) {
  return el("div.teach", el("h2", title), ...sentences.map((sentence) => (typeof sentence === "string" ? el("p", sentence) : sentence)));
}
