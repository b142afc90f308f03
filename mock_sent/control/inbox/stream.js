// Server-sent events, read with fetch so that headers can be sent. Comes back by itself, after the last event it saw.

const SILENCE = 40_000; // the server pings each 15 s: a line that is quiet for longer is dead
const WAITS = [250, 500, 1000, 2000, 3000];

/**
 * Follows `/events` until `stop()`. `opened(resumed)` runs before the first event of each connection and may say
 * `{after}`: the id to go on from instead. `lost(error)` tells that the line broke. `event(kind, data)` is one event.
 */
export class Stream {
  constructor({ request, opened, event, lost }) {
    Object.assign(this, { request, opened, event, lost, last: "", failures: 0, controller: null, over: false });
  }

  start() {
    this.run();
    return this;
  }

  stop() {
    this.over = true;
    this.controller?.abort();
    clearTimeout(this.timer);
    this.woken?.();
  }

  /** Try at once: the machine is back on line, or the page is looked at again. */
  hurry() {
    this.woken?.();
  }

  async run() {
    while (!this.over) {
      let error = null;
      try {
        await this.connect();
      } catch (e) {
        error = e;
      }
      if (this.over) return;
      this.lost(error);
      await this.pause(WAITS[Math.min(this.failures++, WAITS.length - 1)]);
    }
  }

  async connect() {
    this.controller = new AbortController();
    const { url, headers } = this.request();
    if (this.last) headers["last-event-id"] = this.last;
    const response = await fetch(url, { headers, signal: this.controller.signal, cache: "no-store" });
    if (!response.ok) throw Object.assign(new Error(`the server answered ${response.status}`), { status: response.status });
    const reader = response.body.getReader();
    const resumed = this.last !== "";
    await this.opened(resumed);
    this.failures = 0;
    const parser = new Parser();
    const text = new TextDecoder();
    for (;;) {
      const { done, value } = await this.timed(reader.read());
      if (done) return;
      for (const { kind, id, data } of parser.feed(text.decode(value, { stream: true }))) {
        if (this.over) return;
        this.event(kind, data);
        if (id) this.last = id;
      }
    }
  }

  timed(promise) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.controller.abort(), SILENCE);
    return promise.finally(() => clearTimeout(this.timer));
  }

  pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.woken = () => { clearTimeout(timer); resolve(); };
    });
  }
}

/** Cuts text into events, wherever the chunks end. */
export class Parser {
  constructor() {
    this.rest = "";
  }

  feed(chunk) {
    const blocks = (this.rest + chunk).split("\n\n");
    this.rest = blocks.pop();
    return blocks.map(eventOf).filter(Boolean);
  }
}

function eventOf(block) {
  let kind = "message", id = "", data = "";
  for (const line of block.split("\n")) {
    const at = line.indexOf(": ");
    const [name, value] = [line.slice(0, at), line.slice(at + 2)];
    if (name === "event") kind = value;
    else if (name === "id") id = value;
    else if (name === "data") data += value;
  }
  return data ? { kind, id, data: JSON.parse(data) } : null;
}
