// The right pane: one request, and one of its messages, with the most important sections first.

import { copyButton, el, button } from "./dom.js";
import { answerPill, channelTag, tick } from "./marks.js";
import { curlOf } from "./curl.js";
import { keySection } from "./keys.js";
import { webhookSection } from "./deliveries.js";
import { dayAndTime, span } from "./times.js";
import { note } from "./teach.js";
import { planned, verdict } from "./verdict.js";

/** Draws into `box`. Draws only the sections whose content changed, so that the scroll position and focus stay. */
export class Story {
  constructor(box, { origin, words, act }) {
    Object.assign(this, { box, origin, words, act, signatures: new Map(), subject: null });
  }

  empty(...sentences) {
    this.subject = null;
    this.signatures.clear();
    this.box.replaceChildren(note("The story", ...sentences));
  }

  /** `{message, request, related, deliveries, events}`; what is not loaded yet is undefined. */
  show(about) {
    const subject = about.message?.id ?? about.request?.request_id ?? "";
    if (subject !== this.subject) {
      this.subject = subject;
      this.signatures.clear();
      this.box.replaceChildren();
      this.box.scrollTop = 0;
    }
    const { message, request } = about;
    this.section("head", [message?.id, message?.status, request?.status, request?.request_id], () => head(about, this.words, this.act));
    if (message) this.section("timeline", [message.timeline, message.status, message.advance], () => timeline(message, this.words, this.act));
    if (request) {
      this.section("why", request.why, () => why(request));
      this.section("key", [request.key, about.related], () => keySection(request, about.related, this.act));
    }
    if (message) this.section("webhooks", about.deliveries, () => webhookSection(about.deliveries, this.words, this.act));
    if (request) this.section("request", request.request_id, () => exchange(request, this.origin));
    if (message) this.section("raw", message, () => raw("Message as JSON", plain(message)));
  }

  section(name, content, build) {
    const signature = JSON.stringify(content) ?? "";
    if (this.signatures.get(name) === signature) return;
    this.signatures.set(name, signature);
    const made = build();
    made.dataset.section = name;
    const old = this.box.querySelector(`:scope > [data-section="${name}"]`);
    if (!old) return void place(this.box, made, name);
    const focus = [...old.querySelectorAll("button, summary, pre")].indexOf(document.activeElement);
    for (const [i, details] of [...made.querySelectorAll("details")].entries()) {
      details.open = old.querySelectorAll("details")[i]?.open ?? details.open;
    }
    old.replaceWith(made);
    if (focus >= 0) made.querySelectorAll("button, summary, pre")[focus]?.focus();
  }
}

const ORDER = ["head", "timeline", "why", "key", "webhooks", "request", "raw"];

function place(box, made, name) {
  const after = ORDER.slice(ORDER.indexOf(name) + 1);
  box.insertBefore(made, [...box.children].find((node) => after.includes(node.dataset.section)) ?? null);
}

export function titled(title, ...content) {
  return el("section", el("h3", title), ...content);
}

function head({ message, request }, words, act) {
  if (message) {
    return el("section.head",
      el("h2", message.template.name),
      el("p", channelTag(message.channel), " to ", el("b", message.to), " · ", tick(message.status, words), ` ${message.status.toLowerCase()}`),
      el("dl.facts",
        pair("accepted", dayAndTime(message.at)), pair("price", message.price.toFixed(4)),
        message.profile && pair("profile", message.profile), pair("id", message.id), pair("request", message.request_id)));
  }
  return el("section.head",
    el("h2", `${request.method} ${request.path}`),
    el("p", answerPill(request), ` ${request.outcome ?? "no outcome of the API"} · ${request.milliseconds} ms · ${dayAndTime(request.at)}`),
    el("dl.facts", pair("request", request.request_id), request.profile && pair("profile", request.profile)),
    request.messages.length > 0 && el("p.links", ...request.messages.slice(0, 8).map((id, i) =>
      button(`Message ${i + 1}`, () => act.openMessage(id), { className: "small" }))));
}

function pair(name, value) {
  return [el("dt", name), el("dd", value)];
}

function timeline(m, words, act) {
  const passed = passedOf(m);
  const start = Date.parse(m.timeline?.[0]?.at ?? m.at);
  return titled("What became of it",
    el("ol.timeline", ...(m.timeline ?? []).map((event, i) =>
      el("li", { data: { ...words.appearance(event.status), come: i < passed ? "yes" : "no" } },
        tick(event.status, words), el("b", event.status.toLowerCase()),
        el("span.when", i === 0 ? dayAndTime(event.at) : `${i < passed ? "after" : "comes after"} ${span(Date.parse(event.at) - start)}`),
        event.reason && el("span.reason", event.reason)))),
    planned(m) && el("p.planned", planned(m)),
    m.advance === "manual" && !words.of(m.status).final && el("p",
      "Its deliver rule is manual: you move it to the next status. ",
      button("Next status", () => act.advance(m.id, {}), { className: "small" }), " ",
      button("Fail it", () => act.advance(m.id, { to: words.failure }), { className: "small" })));
}

function passedOf(m) {
  const i = (m.timeline ?? []).findLastIndex((event) => event.status === m.status);
  return i < 0 ? 1 : i + 1;
}

function why(x) {
  const { why: reasons } = x;
  return titled("Why it was answered so",
    el("p.verdict", answerPill(x), " ", el("b", verdict(x))),
    list("Faults that the contract found", reasons.contract_faults),
    list("Members that the API does not know", reasons.unknown_members),
    list("Rules that did not fire", reasons.rules_that_did_not_fire),
    list("Warnings of the mock", reasons.warnings),
    el("p.quiet", reasons.scenarios.length ? `Scenarios, the strongest first: ${reasons.scenarios.join(", ")}` : "No scenario was on."));
}

function list(title, texts) {
  return texts.length ? [el("h4", title), el("ul.reasons", ...texts.map((text) => el("li", text)))] : null;
}

function exchange(x, origin) {
  return titled("Request and answer",
    el("p.links", copyButton("Copy as curl", () => curlOf(origin, x)), " ", copyButton("Copy JSON", () => json(x))),
    part(`Request · ${x.method} ${x.path}`, x.request, true),
    part(`Answer · ${x.reply.status || "none"}`, x.reply, false));
}

function part(title, { headers, body }, open) {
  return el("details", { open },
    el("summary", title),
    block("Body", typeof body === "string" ? body : json(body)),
    block("Headers", Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n")));
}

export function block(label, text) {
  return text === "" || text === "null" ? el("p.quiet", `${label}: none`)
    : el("pre", { tabIndex: 0, role: "region", "aria-label": label }, el("code", text));
}

function raw(title, content) {
  return el("section", el("details", el("summary", title), el("p.links", copyButton("Copy JSON", () => json(content))), block(title, json(content))));
}

/** A message as the server sent it, without the members that the page adds. */
function plain({ instants, stamp, ...message }) {
  return message;
}

function json(value) {
  return JSON.stringify(value, null, 2);
}

