// The page: the feed puts the server's data into the store, and these functions draw the store.

import { Api, BASE } from "./api.js";
import { AccountClock } from "./clock.js";
import * as conversations from "./conversations.js";
import { byId, nextFrame } from "./dom.js";
import { Feed } from "./feed.js";
import * as phone from "./phone.js";
import * as requests from "./requests.js";
import { searchOf } from "./search.js";
import { Selection } from "./selection.js";
import { requestFilter, Store } from "./store.js";
import { Story } from "./story.js";
import { note, nothingYet } from "./teach.js";
import { counted } from "./times.js";
import { Topbar } from "./topbar.js";
import { Words } from "./words.js";

const ORIGIN = BASE.origin, NONE = [];
const api = new Api(), words = new Words(), store = new Store(words), clock = new AccountClock();
const selection = new Selection(api);
const draw = nextFrame(drawAll);
let fits = null;
let template;

const act = {
  api,
  scenarios: () => api.get("scenarios"),
  move: (how) => attempt(async () => feed.takeClock(await api.call("POST", "clock", {}, how))),
  switchScenario: (name) => attempt(async () => {
    await (name ? api.call("PUT", "scenario", {}, { name }) : api.call("DELETE", "scenario"));
    await feed.fetchScenario();
  }),
  reset: () => attempt(() => api.call("POST", "reset")),
  resend: (id) => attempt(async () => {
    await api.call("POST", `webhooks/deliveries/${encodeURIComponent(id)}/resend`);
    await selection.loadDeliveries();
  }),
  advance: (id, to) => attempt(async () => {
    store.takeMessages([await api.call("POST", `messages/${encodeURIComponent(id)}/advance`, {}, to)]);
    draw();
  }),
  chooseAccount: (id) => feed.use(id),
  useAccess: (access) => { api.remember(access); feed.use(""); },
  openRequest: (id) => { location.hash = `request/${id}`; },
  openMessage: (id) => { location.hash = `message/${id}`; },
};

const topbar = new Topbar(act);
const feed = new Feed({ api, store, words, clock, topbar, changed, started });
const story = new Story(byId("story"), { origin: ORIGIN, words, act });
selection.changed = draw;

const left = conversations.conversationList(byId("conversations"), words, (conversation, how) => {
  selection.follow(false);
  selection.choose({ to: conversation.to, message: conversation.shown.at(-1) });
  if (how.entered) pane("phone");
  draw();
});
const thread = phone.threadList(byId("thread"), words, (message, how) => {
  selection.follow(false);
  selection.choose({ to: message.to, message });
  if (how.entered) pane("story");
  draw();
});
const all = requests.requestList(byId("requests"), (x, how) => {
  selection.choose({ request: x });
  if (how.entered) pane("story");
  draw();
});

function changed({ exchange, cleared } = {}) {
  if (cleared) selection.clear();
  if (exchange) selection.exchangeArrived(exchange);
  draw();
}

function started() {
  template = undefined;
  api.get("templates").then(({ templates }) => { template = templates[0]; draw(); }, () => {});
}

function drawAll() {
  store.tick(clock.now());
  topbar.drawClock(clock);
  text("messages-count", count(store.messages.size));
  text("requests-count", count(store.requests.size + store.unowned.length));
  document.title = `${store.messages.size ? `(${store.messages.size}) ` : ""}Inbox · mock-sent`;
  if (document.body.dataset.view === "messages") drawMessages();
  else drawRequests();
  drawStory();
}

let drawn = {};

/** The conversations that fit the search. The search runs again only if the messages or the search changed. */
function foundNow() {
  if (drawn.version !== store.version || drawn.fits !== fits) {
    drawn = { version: store.version, fits, found: store.conversationsOf(fits) };
    left.show(drawn.found, conversations.versionOf);
  }
  return drawn.found;
}

function drawMessages() {
  const found = foundNow();
  if (selection.following && found.length && matchMedia("(min-width: 720px)").matches) {
    selection.choose({ to: found[0].to, message: found[0].shown.at(-1) });
  }
  if (left.selected !== selection.to) left.select(selection.to, { scroll: !selection.following });
  const none = !found.length;
  swap("conversations", none, store.messages.size ? note("Nothing fits", "No message has all these words. A star stands for anything: to:+44*") : note("No conversation", "Each recipient that your program writes to becomes one."));
  text("found", fits ? `${counted(found.reduce((n, c) => n + c.shown.length, 0), "message")} in ${counted(found.length, "conversation")}` : "");
  drawPhone(found.find((c) => c.to === selection.to));
}

function drawPhone(conversation) {
  const messages = conversation?.shown ?? NONE;
  const other = thread.of !== selection.to;
  thread.of = selection.to;
  text("phone-to", selection.to ?? "No conversation");
  text("phone-about", conversation ? counted(messages.length, "message") + (messages.length < conversation.messages.length ? ` of ${conversation.messages.length}` : "") : "");
  if (thread.version !== store.version || thread.items !== messages) thread.show(messages, phone.versionOf);
  thread.version = store.version;
  const id = selection.message?.id ?? null;
  if (other) thread.toEnd();
  if (thread.selected !== id) thread.select(id, { scroll: !other });
  const nothing = !store.messages.size ? nothingYet(ORIGIN, template)
    : note("No conversation chosen", "Choose one on the left, with the mouse or the arrow keys.");
  swap("thread", !messages.length, nothing);
  text("segments", phone.segmentLine(selection.message));
}

function drawRequests() {
  const status = byId("requests-status").value, words = byId("requests-text").value;
  const asked = `${store.version} ${status} ${words}`;
  if (all.asked !== asked) all.show(store.requestsOf(requestFilter({ status, text: words })));
  all.asked = asked;
  const shown = all.items;
  const id = selection.request?.request_id ?? null;
  if (all.selected !== id) all.select(id);
  const gone = store.evicted ? ` · ${counted(store.evicted, "older one")} ${store.evicted === 1 ? "was" : "were"} evicted` : "";
  text("requests-found", counted(shown.length, "request") + gone);
  swap("requests", !shown.length, store.requests.size ? note("Nothing fits", "No request has this answer and all these words.")
    : nothingYet(ORIGIN, template));
}

function drawStory() {
  const about = selection.about();
  if (about) story.show(about);
  else story.empty("Choose a message or a request. You see its answer and the reason, the requests with the same key, and the webhook deliveries.");
}

function text(id, content) {
  const node = byId(id);
  if (node.textContent !== content) node.textContent = content;
}

function count(n) {
  return n.toLocaleString("en");
}

const shownNote = new Map();

function swap(id, empty, content) {
  byId(id).hidden = empty;
  const place = byId(`${id}-empty`);
  place.hidden = !empty;
  if (empty && shownNote.get(id) !== content.textContent) {
    shownNote.set(id, content.textContent);
    place.replaceChildren(content);
  }
}

function pane(name) {
  document.body.dataset.pane = name;
}

async function attempt(work) {
  try {
    await work();
    feed.pollSoon();
  } catch (error) {
    showError(error.message);
  }
}

let hideTimer;
function showError(sentence) {
  clearTimeout(hideTimer);
  text("told", sentence);
  byId("told").hidden = false;
  hideTimer = setTimeout(() => { byId("told").hidden = true; }, 6000);
}

async function route() {
  const [view, id] = location.hash.slice(1).split("/");
  const wide = view === "requests" || view === "request";
  document.body.dataset.view = wide ? "requests" : "messages";
  byId("messages-side").hidden = wide;
  byId("requests-side").hidden = !wide;
  for (const [link, on] of [["to-messages", !wide], ["to-requests", wide]]) {
    if (on) byId(link).setAttribute("aria-current", "page"); else byId(link).removeAttribute("aria-current");
  }
  if (wide) feed.loadAllRequests();
  if (id && wide) {
    selection.choose({ request: store.requests.get(id) ?? { request_id: id, messages: [] } });
    pane("story");
  } else if (id && view === "message" && store.messages.has(id)) {
    const message = store.messages.get(id);
    selection.follow(false);
    selection.choose({ to: message.to, message });
    pane("story");
  } else {
    if (wide) selection.choose({ request: null });
    else selection.choose({ to: selection.to, message: selection.lastMessage });
    pane("list");
  }
  draw();
}

byId("search").addEventListener("input", (e) => { fits = searchOf(e.target.value); draw(); });
for (const id of ["requests-status", "requests-text"]) byId(id).addEventListener("input", draw);
for (const node of document.querySelectorAll("[data-to]")) {
  node.addEventListener("click", () => pane(node.dataset.to === "phone" && document.body.dataset.view === "requests" ? "list" : node.dataset.to));
}
document.addEventListener("keydown", (e) => {
  if (e.key !== "/" || e.target.matches("input, select, textarea") || document.querySelector("dialog[open]")) return;
  e.preventDefault();
  byId(document.body.dataset.view === "messages" ? "search" : "requests-text").focus();
});
addEventListener("hashchange", route);
setInterval(() => { if (store.unfinished.size && !clock.frozen && store.tick(clock.now())) draw(); }, 100);
setInterval(() => topbar.drawClock(clock), 500);
byId("segments").textContent = "";
route();
feed.begin();
