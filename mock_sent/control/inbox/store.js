// What the page knows of one account. It uses no page, no network and no clock.

export class Store {
  /** `words` are those of the account's edition: they say which status is final. */
  constructor(words) {
    this.words = words;
    this.clear();
  }

  clear() {
    this.messages = new Map(); // by id, the oldest first
    this.conversations = new Map(); // by recipient, the one with the latest message last
    this.requests = new Map(); // by request id, the oldest first
    this.unowned = []; // requests that belong to no account, the latest first
    this.unfinished = new Set();
    this.last = null;
    this.evicted = 0; // how many requests the server evicted
    this.version = (this.version ?? 0) + 1;
  }

  /** Add new messages, and update known ones. True if anything changed. */
  takeMessages(list, now = Infinity) {
    let changed = false;
    for (const m of list) changed = this.takeMessage(m, now) || changed;
    if (changed) this.version += 1;
    return changed;
  }

  takeMessage(m, now) {
    const known = this.messages.get(m.id);
    if (known) {
      const same = known.status === m.status && known.timeline?.length === m.timeline?.length;
      if (same) return false;
      Object.assign(known, m, { instants: undefined, stamp: (known.stamp ?? 0) + 1 });
      this.watch(known);
      return true;
    }
    this.messages.set(m.id, m);
    this.last = m.id;
    this.watch(m);
    this.settle(m, now);
    const conversation = this.conversations.get(m.to) ?? { to: m.to, messages: [] };
    conversation.messages.push(m);
    // A map keeps the order of insertion, so moving to its end sorts it.
    this.conversations.delete(m.to);
    this.conversations.set(m.to, conversation);
    return true;
  }

  watch(m) {
    if (this.words.of(m.status).final) this.unfinished.delete(m);
    else this.unfinished.add(m);
  }

  /** Set the statuses as of an instant in milliseconds. The timeline of a message is fixed when it is accepted, so no request is needed. */
  tick(now) {
    let changed = false;
    for (const m of this.unfinished) changed = this.settle(m, now) || changed;
    if (changed) this.version += 1;
    return changed;
  }

  settle(m, now) {
    if (m.advance === "manual" || !m.timeline?.length || now === Infinity) return false;
    m.instants ??= m.timeline.map((event) => Date.parse(event.at));
    let i = m.instants.findLastIndex((at) => at <= now);
    if (i < 0) i = 0;
    if (m.timeline[i].status === m.status) return false;
    m.status = m.timeline[i].status;
    m.stamp = (m.stamp ?? 0) + 1;
    this.watch(m);
    return true;
  }

  /** Add an exchange. True if it is new. */
  takeRequest(x) {
    if (this.requests.has(x.request_id)) return false;
    this.requests.set(x.request_id, x);
    this.version += 1;
    return true;
  }

  /** Add earlier exchanges from a list, and sort all exchanges by number. */
  takeRequests(list) {
    const all = new Map(list.map((x) => [x.request_id, x]));
    for (const [id, x] of this.requests) all.set(id, x);
    this.requests = new Map([...all].sort(([, a], [, b]) => a.number - b.number));
    this.version += 1;
  }

  /** Replace the requests that belong to no account. */
  takeUnowned(list) {
    this.unowned = list;
    this.version += 1;
  }

  get lastRequest() {
    let last = null;
    for (const x of this.requests.values()) last = x;
    return last;
  }

  /** Conversations with a message that fits, newest first: `{to, messages, shown}`; `shown` are the messages that fit. */
  conversationsOf(fits) {
    const found = [];
    for (const conversation of this.conversations.values()) {
      const shown = fits ? conversation.messages.filter(fits) : conversation.messages;
      if (shown.length) found.push({ to: conversation.to, messages: conversation.messages, shown });
    }
    return found.reverse();
  }

  /** The exchanges that fit, with the unowned ones, the latest first. */
  requestsOf(fits) {
    const own = [...this.requests.values()].reverse();
    const all = this.unowned.length ? merged(own, this.unowned) : own;
    return fits ? all.filter(fits) : all;
  }
}

function merged(one, two) {
  const all = [];
  let i = 0, j = 0;
  while (i < one.length || j < two.length) {
    if (j >= two.length || (i < one.length && one[i].at >= two[j].at)) all.push(one[i++]);
    else all.push(two[j++]);
  }
  return all;
}

/** A predicate for exchanges: a class of status (`2`, `4`, `5`, `lost`), and words that must all occur. */
export function requestFilter({ status = "", text = "" }) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!status && !words.length) return null;
  const ofClass = {
    "": () => true,
    lost: (x) => x.answer_lost,
    replayed: (x) => x.key_fate === "replayed",
  }[status] ?? ((x) => String(x.status)[0] === status);
  return (x) => ofClass(x) && words.every((word) => line(x).includes(word));
}

function line(x) {
  return [x.request_id, x.method, x.path, x.status, x.outcome, x.key, x.key_fate, x.rule, x.fault, x.profile]
    .filter((part) => part !== null && part !== undefined).join(" ").toLowerCase();
}
