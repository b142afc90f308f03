// The account's clock as the page sees it between two looks at the server's. Pure.

export class AccountClock {
  constructor(stopwatch = () => performance.now()) {
    this.stopwatch = stopwatch;
    this.known = false;
    this.frozen = false;
    this.base = 0;
    this.seen = 0;
  }

  /** True if it was moved, frozen or let go since the last look: more than the way to the server explains. */
  set({ now, frozen }) {
    const instant = Date.parse(now);
    const moved = this.known && (frozen !== this.frozen || Math.abs(instant - this.now()) > 1000);
    const back = this.known && instant < this.now() - 1000;
    Object.assign(this, { known: true, frozen, base: instant, seen: this.stopwatch() });
    return { moved, back };
  }

  now() {
    if (!this.known) return Infinity;
    return this.base + (this.frozen ? 0 : this.stopwatch() - this.seen);
  }
}
