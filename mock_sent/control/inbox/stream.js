// Server-sent events, read with fetch so that headers can be sent. It reconnects by itself, and resumes after the last event.

const SILENCE = 40_000; // milliseconds; the server pings every 15 s, so a connection without data for this long is broken
const WAITS = [250, 500, 1000, 2000, 3000];

/**
 * Reads `/events` until `stop()`. It calls `opened(resumed)` before the first event of each connection, `event(kind, data)`
 * for each event, and `lost(error)` when the connection is lost.
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
    this.endPause?.();
  }

  /** Reconnect at once, without the rest of the pause: the machine is online again. */
  reconnectNow() {
    this.endPause?.();
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
      this.endPause = () => { clearTimeout(timer); resolve(); };
    });
  }
}

/** Splits text into events. A chunk may end inside an event. */
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
