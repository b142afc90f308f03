// Keeps the store equal to the server: a snapshot, then the event stream. Polls what the stream does not send.

import { Stream } from "./stream.js";

const PAGE = 10_000; // the most entries that one list returns

export class Feed {
  constructor({ api, store, words, clock, topbar, changed, started }) {
    Object.assign(this, { api, store, words, clock, topbar, changed, started });
    this.accounts = [];
    this.chosenByHand = false;
    this.allRequests = false;
    this.polling = false;
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
    this.poll();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.pollSoon(); });
    addEventListener("online", () => this.stream.reconnectNow());
  }

  /** Show another account. */
  use(id) {
    this.api.account = id;
    this.chosenByHand = id !== "";
    this.connect();
    this.pollSoon();
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
    if (!resumed || !(await this.lastRequestKnown()) || !(await this.fetchMissed(stream))) await this.snapshot(stream);
    this.topbar.drawConnection("on", "live");
    this.pollSoon();
    this.changed();
  }

  /** Whether the server still has our last request. After a restart or a reset it does not. */
  async lastRequestKnown() {
    const last = this.store.lastRequest;
    if (!last) return false;
    const { requests } = await this.api.get("requests", { request_id: last.request_id, limit: 1 });
    return requests.some((x) => x.at === last.at && x.number === last.number);
  }

  /** Fetch the messages that came while the connection was lost. False if the server does not know our last message. */
  async fetchMissed(stream) {
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

  /** Load the whole list of requests, because the page shows it now, and keep it complete from now on. */
  async loadAllRequests() {
    if (this.allRequests) return void this.fetchUnowned();
    this.allRequests = true;
    if (!this.stream) return;
    await this.ignoringLostConnection(async () => {
      this.store.takeRequests((await this.api.get("requests", { limit: PAGE })).requests);
      await this.fetchUnowned();
    });
    this.changed();
  }

  async newMessages(stream) {
    for (;;) {
      const after = this.store.last ? { after: this.store.last } : {};
      const { messages, count } = await this.api.get("messages", { limit: PAGE, ...after });
      if (stream !== this.stream) return;
      this.store.takeMessages(messages, this.clock.now());
      if (!messages.length || count === messages.length) return; // a page is shorter than PAGE if its texts are long
    }
  }

  /** Fetch new messages; all events that come during one fetch cause one further fetch. */
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
      if (error.status === 404 && stream === this.stream) this.connect(); // our last message was evicted: start again
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
      this.fetchAuditSoon();
      this.changed({ exchange: data });
    }
  }

  lost(stream, error) {
    if (stream !== this.stream) return;
    if (error?.status === 401) {
      this.topbar.drawConnection("lost", "no access");
      if (!this.asked) this.topbar.openAccess("The server wants its control token.");
      this.asked = true;
    } else if (error?.status === 404) {
      this.api.account = "";
      this.chosenByHand = false;
      this.ignoringLostConnection(() => this.chooseAccount());
      stream.last = "";
    } else if (error || stream.last) {
      this.topbar.drawConnection("lost", "connection lost");
    }
  }

  // Polling, for what the stream does not send: other accounts, the clock, the scenario.

  pollSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.poll(), 50);
  }

  async poll() {
    clearTimeout(this.timer);
    if (!this.polling && !document.hidden) {
      this.polling = true;
      await this.ignoringLostConnection(() => this.pollOnce());
      this.polling = false;
    }
    this.timer = setTimeout(() => this.poll(), this.store.messages.size ? 2000 : 1000);
  }

  async pollOnce() {
    if (!this.api.key) this.accounts = (await this.api.get("accounts")).accounts;
    await this.switchToBusyAccount();
    this.takeClock(await this.api.get("clock"));
    await this.fetchScenario();
    if (this.allRequests) await this.fetchUnowned();
    await this.fetchManual();
    this.fetchAuditSoon();
    this.topbar.drawAccounts(this.accounts, this.api.account, this.api.key);
  }

  /** If the reader has not chosen an account and this one is empty, switch to an account that has messages or requests. */
  async switchToBusyAccount() {
    if (this.chosenByHand || this.api.key || this.store.messages.size || this.store.requests.size) return;
    const busy = this.accounts.find((a) => a.messages) ?? this.accounts.find((a) => a.requests);
    if (busy && busy.id !== this.api.account) {
      this.api.account = busy.id;
      this.connect();
    }
  }

  async chooseAccount() {
    await this.ignoringLostConnection(async () => {
      this.accounts = (await this.api.get("accounts", { account: [] })).accounts;
      const busy = this.accounts.find((a) => a.messages) ?? this.accounts.find((a) => a.requests);
      if (busy && !this.api.key) this.api.account = busy.id;
    });
  }

  takeClock(seen) {
    const { moved, back } = this.clock.set(seen);
    // When a clock is set back, messages return to earlier statuses, which only the server knows.
    if (back) this.connect();
    else if (moved) this.changed();
    this.topbar.drawClock(this.clock);
  }

  async fetchScenario() {
    this.topbar.drawScenario(await this.api.get("scenario"));
  }

  /** Requests that belong to no account, because they were refused before the account was known. */
  async fetchUnowned() {
    const { requests } = await this.api.get("requests", { account: "none", limit: 500 });
    if (requests.length === this.store.unowned.length && requests[0]?.request_id === this.store.unowned[0]?.request_id) return;
    this.store.takeUnowned(requests);
    this.changed();
  }

  /** Messages of manual timetables: the clock does not decide their status, so the server is asked. */
  async fetchManual() {
    const ids = [...this.store.unfinished].filter((m) => m.advance === "manual").slice(-20).map((m) => m.id);
    if (!ids.length) return;
    const { messages } = await this.api.get("messages", { id: ids });
    if (this.store.takeMessages(messages)) this.changed();
  }

  /** The audit reads the whole journal, so it is fetched only after new requests, and once for several of them. */
  fetchAuditSoon() {
    const seen = `${this.api.account} ${this.store.requests.size} ${this.store.lastRequest?.request_id ?? ""}`;
    if (this.audited === seen || this.auditing) return;
    this.auditing = setTimeout(async () => {
      await this.ignoringLostConnection(async () => {
        this.topbar.drawAudit(await this.api.get("audit"));
        this.audited = seen;
      });
      this.auditing = null;
    }, 600);
  }

  /** Run `work`, and ignore errors of the network and of the server: the stream reports a lost connection. */
  async ignoringLostConnection(work) {
    try {
      await work();
    } catch (error) {
      if (error.status === undefined && !(error instanceof TypeError)) throw error;
    }
  }
}
