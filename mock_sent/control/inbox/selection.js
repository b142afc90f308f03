// The message or request that the reader selected, and what the server answered about it.

// Milliseconds before a selection is loaded.
const SETTLED = 60;

export class Selection {
  constructor(api) {
    this.api = api;
    this.changed = () => {};
    this.clear();
  }

  clear() {
    Object.assign(this, { following: true, to: null, message: null, lastMessage: null, request: null, loaded: null });
    clearTimeout(this.timer);
  }

  /** Set whether the newest message is selected as it comes. It is, until the reader selects one. */
  follow(on) {
    this.following = on;
  }

  choose({ to, message = null, request = null }) {
    if (to !== undefined) this.to = to;
    if (message) this.lastMessage = message;
    const id = message?.request_id ?? request?.request_id ?? null;
    const same = this.message === message && this.request?.request_id === request?.request_id;
    this.message = message;
    this.request = request;
    if (same && this.loaded?.id === id) return;
    clearTimeout(this.timer);
    clearTimeout(this.waiting);
    const loaded = this.loaded = id === null ? null : { id };
    // A reader who moves through a list with an arrow key loads only the last selection.
    if (loaded) this.waiting = setTimeout(() => { if (this.loaded === loaded) this.load(loaded); }, SETTLED);
  }

  /** What the story shows; null while nothing is selected. */
  about() {
    const { message, loaded } = this;
    if (!loaded || (!message && !loaded.request)) return null;
    return { message, request: loaded.request, related: loaded.related, deliveries: loaded.deliveries };
  }

  /** A new exchange: if its key is that of the selected request, the story shows it too. */
  exchangeArrived(exchange) {
    if (exchange.key !== null && exchange.key === this.loaded?.request?.key) this.loadRelated(this.loaded);
  }

  async load(loaded) {
    await Promise.all([
      this.ask(`requests/${encodeURIComponent(loaded.id)}`, {}, (request) => { loaded.request = request; return this.loadRelated(loaded); }),
      this.loadDeliveries(),
    ]);
  }

  async loadRelated(loaded) {
    const key = loaded.request.key;
    if (key === null) return;
    await this.ask("requests", { key, limit: 200 }, async ({ requests }) => {
      const own = requests.filter((x) => x.key === key);
      // The first request, which owns the key, and the latest ones of the others.
      const chosen = own.length > 12 ? [own.at(-1), ...own.slice(0, 11).reverse()] : own.reverse();
      loaded.related = await Promise.all(chosen.map((x) => this.api.get(`requests/${encodeURIComponent(x.request_id)}`)));
      this.changed();
    });
  }

  async loadDeliveries() {
    const { message, loaded } = this;
    if (!message) return;
    await this.ask("webhooks/deliveries", { message: message.id }, ({ deliveries }) => {
      loaded.deliveries = [...deliveries].reverse();
    });
    // Poll the deliveries, because there is no event stream for them.
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { if (this.loaded === loaded) this.loadDeliveries(); }, document.hidden ? 10_000 : 1500);
  }

  async ask(path, query, take) {
    try {
      await take(await this.api.get(path, query));
    } catch (error) {
      if (error.status === undefined && !(error instanceof TypeError)) throw error;
    }
    this.changed();
  }
}
