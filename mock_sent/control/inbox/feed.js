// Keeps the store as the server has it: a snapshot, then the stream; and looks at what the stream does not tell.

import { Stream } from "./stream.js";

const PAGE = 10_000; // the most that one list gives

export class Feed {
  constructor({ api, store, words, clock, topbar, changed, started }) {
    Object.assign(this, { api, store, words, clock, topbar, changed, started });
    this.accounts = [];
    this.chosenByHand = false;
    this.allRequests = false;
    this.looking = false;
  }

  async begin() {
    const asked = new URLSearchParams(location.search).get("account");
    if (asked) {
      this.api.account = asked;
      this.chosenByHand = true;
    } else {
      await this.chooseAccount();
    }
    this.connect();
    this.look();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.soon(); });
    addEventListener("online", () => this.stream.hurry());
  }

  /** Look at another account. */
  use(id) {
    this.api.account = id;
    this.chosenByHand = id !== "";
    this.connect();
    this.soon();
  }

  connect() {
    this.stream?.stop();
    this.store.clear();
    this.clock.known = false;
    this.changed({ cleared: true });
    const stream = new Stream({
      request: () => ({ url: this.api.url("events"), headers: this.api.headers() }),
      opened: (resumed) => this.opened(stream, resumed),
      event: (kind, data) => this.event(stream, kind, data),
      lost: (error) => this.lost(stream, error),
    });
    this.stream = stream.start();
  }

  async opened(stream, resumed) {
    this.words.learn(await this.api.get("edition"));
    this.takeClock(await this.api.get("clock"));
    if (!resumed || !(await this.sameLife()) || !(await this.caughtUp(stream))) await this.snapshot(stream);
    this.topbar.drawLine("on", "live");
    this.soon();
    this.changed();
  }

  /** Does the server still have what we saw last? A restart or a reset forgets it. */
  async sameLife() {
    const last = this.store.lastRequest;
    if (!last) return false;
    const { requests } = await this.api.get("requests", { request_id: last.request_id, limit: 1 });
    return requests.some((x) => x.at === last.at && x.number === last.number);
  }

  /** Fetch what a broken line may have kept from us. False if the server has forgotten where we were. */
  async caughtUp(stream) {
    try {
      await this.newMessages(stream);
      return true;
    } catch (error) {
      if (error.status === 404) return false;
      throw error;
    }
  }

  async snapshot(stream) {
    this.store.clear();
    this.changed({ cleared: true });
    this.started();
    const [, { requests, evicted }] = await Promise.all([
      this.newMessages(stream),
      this.api.get("requests", { limit: this.allRequests ? PAGE : 200 }),
    ]);
    if (stream !== this.stream) return;
    this.store.takeRequests(requests);
    this.store.evicted = evicted;
  }

  /** The list of all requests is looked at: from now on it is kept whole. */
  async wantRequests() {
    if (this.allRequests) return void this.lookAtStrangers();
    this.allRequests = true;
    if (!this.stream) return;
    await this.quietly(async () => {
      this.store.takeRequests((await this.api.get("requests", { limit: PAGE })).requests);
      await this.lookAtStrangers();
    });
    this.changed();
  }

  async newMessages(stream) {
    for (;;) {
      const after = this.store.last ? { after: this.store.last } : {};
      const { messages } = await this.api.get("messages", { limit: PAGE, ...after });
      if (stream !== this.stream) return;
      this.store.takeMessages(messages, this.clock.now());
      if (messages.length < PAGE) return;
    }
  }

  /** One question for however many events came meanwhile. */
  async fetchNew(stream) {
    if (this.fetching) {
      this.more = true;
      return;
    }
    this.fetching = true;
    try {
      do {
        this.more = false;
        await this.newMessages(stream);
      } while (this.more && stream === this.stream);
    } catch (error) {
      if (error.status === 404 && stream === this.stream) this.connect(); // the last one was evicted: begin anew
    } finally {
      this.fetching = false;
    }
    this.changed();
  }

  event(stream, kind, data) {
    if (stream !== this.stream) return;
    if (kind === "reset") {
      stream.last = "";
      this.store.clear();
      this.changed({ cleared: true });
    } else if (kind === "evicted") {
      this.store.evicted += data.count;
    } else if (kind === "exchange" && this.store.takeRequest(data)) {
      if (data.messages.length) this.fetchNew(stream);
      this.lookAtAuditSoon();
      this.changed({ exchange: data });
    }
  }

  lost(stream, error) {
    if (stream !== this.stream) return;
    if (error?.status === 401) {
      this.topbar.drawLine("lost", "no access");
      if (!this.asked) this.topbar.openAccess("The server wants its control token.");
      this.asked = true;
    } else if (error?.status === 404) {
      this.api.account = "";
      this.chosenByHand = false;
      this.quietly(() => this.chooseAccount());
      stream.last = "";
    } else if (error || stream.last) {
      this.topbar.drawLine("lost", "connection lost");
    }
  }

  // What no event tells: other accounts, the clock, the scenario.

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), 50);
  }

  async look() {
    clearTimeout(this.timer);
    if (!this.looking && !document.hidden) {
      this.looking = true;
      await this.quietly(() => this.lookOnce());
      this.looking = false;
    }
    this.timer = setTimeout(() => this.look(), this.store.messages.size ? 2000 : 1000);
  }

  async lookOnce() {
    if (!this.api.key) this.accounts = (await this.api.get("accounts")).accounts;
    await this.followTraffic();
    this.takeClock(await this.api.get("clock"));
    await this.lookAtScenario();
    if (this.allRequests) await this.lookAtStrangers();
    await this.lookAtManual();
    this.lookAtAuditSoon();
    this.topbar.drawAccounts(this.accounts, this.api.account, this.api.key);
  }

  /** Nobody chose, and here is nothing: go where something was sent. */
  async followTraffic() {
    if (this.chosenByHand || this.api.key || this.store.messages.size || this.store.requests.size) return;
    const busy = this.accounts.find((a) => a.messages) ?? this.accounts.find((a) => a.requests);
    if (busy && busy.id !== this.api.account) {
      this.api.account = busy.id;
      this.connect();
    }
  }

  async chooseAccount() {
    await this.quietly(async () => {
      this.accounts = (await this.api.get("accounts", { account: [] })).accounts;
      const busy = this.accounts.find((a) => a.messages) ?? this.accounts.find((a) => a.requests);
      if (busy && !this.api.key) this.api.account = busy.id;
    });
  }

  takeClock(seen) {
    const { moved, back } = this.clock.set(seen);
    // A clock that went back undoes statuses: only the server can say which.
    if (back) this.connect();
    else if (moved) this.changed();
    this.topbar.drawClock(this.clock);
  }

  async lookAtScenario() {
    this.topbar.drawScenario(await this.api.get("scenario"));
  }

  async lookAtStrangers() {
    const { requests } = await this.api.get("requests", { account: "none", limit: 500 });
    if (requests.length === this.store.strangers.length && requests[0]?.request_id === this.store.strangers[0]?.request_id) return;
    this.store.takeStrangers(requests);
    this.changed();
  }

  /** Messages that somebody moves by hand: no clock tells where they stand. */
  async lookAtManual() {
    const ids = [...this.store.unfinished].filter((m) => m.advance === "manual").slice(-20).map((m) => m.id);
    if (!ids.length) return;
    const { messages } = await this.api.get("messages", { id: ids });
    if (this.store.takeMessages(messages)) this.changed();
  }

  /** The audit reads the whole journal, so it is asked when something was sent, and once for many. */
  lookAtAuditSoon() {
    const seen = `${this.api.account} ${this.store.requests.size} ${this.store.lastRequest?.request_id ?? ""}`;
    if (this.audited === seen || this.auditing) return;
    this.auditing = setTimeout(async () => {
      await this.quietly(async () => {
        this.topbar.drawAudit(await this.api.get("audit"));
        this.audited = seen;
      });
      this.auditing = null;
    }, 600);
  }

  /** The stream says when the line is broken; a look that fails meanwhile need not. */
  async quietly(work) {
    try {
      await work();
    } catch (error) {
      if (error.status === undefined && !(error instanceof TypeError)) throw error;
    }
  }
}
