// The account's clock on the page. It runs by itself between two polls of the server's clock. No side effects.

export class AccountClock {
  constructor(stopwatch = () => performance.now()) {
    this.stopwatch = stopwatch;
    this.known = false;
    this.frozen = false;
    this.base = 0;
    this.seen = 0;
  }

  /** `moved`: the clock was moved, frozen or resumed since the last poll (a second of difference is network time). `back`: it was set back. */
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
