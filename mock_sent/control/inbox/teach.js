// Empty states: a command to paste, and the lines of a program to change.

import { copyButton, el } from "./dom.js";

const SHIPPED = { name: "order_confirmation", variables: ["name", "order_id"] };

export function firstCurl(origin, template = SHIPPED) {
  const parameters = Object.fromEntries(template.variables.map((name) => [name, EXAMPLES[name] ?? "text"]));
  const members = { to: ["+14155551234"], channel: ["sms", "whatsapp"], template: { name: template.name, parameters } };
  const lines = Object.entries(members).map(([name, value]) => `    "${name}": ${JSON.stringify(value)}`);
  const body = `{\n${lines.join(",\n")}\n  }`.replaceAll("'", "'\\''");
  return [`curl -X POST ${origin}/v3/messages`, '-H "Content-Type: application/json"', '-H "Idempotency-Key: first-try-1"', `-d '${body}'`].join(" \\\n  ");
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
