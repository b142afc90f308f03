// A list of any length with few nodes: it has nodes for the visible rows only. A listbox: the tab key enters it, arrow keys move in it.

const MORE = 4; // rows beyond the edge, so that scrolling shows no gap

export class VirtualList {
  /**
   * `row(item, node)` fills an empty node; `idOf(item)` identifies an item; `chosen(item)` is called on a choice.
   * `height` is the height of each row, or with `measured` a first guess. `end` keeps the end visible, as in a chat.
   */
  constructor(box, { row, idOf, height, measured = false, end = false, gap = 0, chosen }) {
    Object.assign(this, { box, row, idOf, guess: height, measured, end, gap, chosen });
    this.items = [];
    this.at = new Map();
    this.rows = new Map();
    this.heights = new Map();
    this.offsets = [0];
    this.selected = null;
    this.active = null;
    this.sizer = document.createElement("div");
    this.sizer.className = "sizer";
    this.sizer.setAttribute("role", "presentation");
    box.replaceChildren(this.sizer);
    box.setAttribute("role", "listbox");
    box.tabIndex = 0;
    box.addEventListener("scroll", () => this.draw(), { passive: true });
    box.addEventListener("keydown", (e) => this.key(e));
    box.addEventListener("click", (e) => this.click(e));
    new ResizeObserver(() => this.resized()).observe(box);
  }

  /** Show new items, in their order. An item whose `versionOf` is unchanged is not drawn again. */
  show(items, versionOf = () => "") {
    const wasAtEnd = this.end && this.atEnd();
    this.items = items;
    this.versionOf = versionOf;
    this.at = new Map(items.map((item, i) => [this.idOf(item), i]));
    this.layout();
    if (wasAtEnd) this.box.scrollTop = this.box.scrollHeight;
    this.draw();
  }

  select(id, { scroll = true } = {}) {
    this.selected = this.active = id;
    if (scroll && this.at.has(id)) this.reveal(this.at.get(id));
    this.draw(true);
  }

  toEnd() {
    for (let i = 0; i < 2; i++) { // drawing measures rows, which can move the end
      this.box.scrollTop = this.box.scrollHeight;
      this.draw();
    }
  }

  atEnd() {
    return this.box.scrollTop + this.box.clientHeight >= this.offsets[this.items.length] - 48;
  }

  layout() {
    const offsets = new Float64Array(this.items.length + 1), known = this.heights;
    for (let i = 0; i < this.items.length; i++) {
      const height = known.size ? known.get(this.idOf(this.items[i])) ?? this.guess : this.guess;
      offsets[i + 1] = offsets[i] + height + this.gap;
    }
    this.offsets = offsets;
    this.sizer.style.height = `${offsets[this.items.length]}px`;
  }

  resized() {
    if (this.measured && this.width !== this.box.clientWidth) {
      this.width = this.box.clientWidth;
      this.heights.clear();
      this.layout();
    }
    this.draw(true);
  }

  /** The index of the row at a height, by binary search. */
  indexAt(y) {
    let low = 0, high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.offsets[middle + 1] <= y) low = middle + 1; else high = middle;
    }
    return low;
  }

  draw(anew = false) {
    this.render(anew);
    // A measured height moves the rows below it, which can make further rows visible.
    for (let i = 0; this.measured && i < 3 && this.measure(); i++) this.render(false);
  }

  render(anew) {
    const top = this.box.scrollTop, bottom = top + this.box.clientHeight;
    const from = Math.max(0, this.indexAt(top) - MORE), to = Math.min(this.items.length, this.indexAt(bottom) + 1 + MORE);
    const keep = new Set();
    for (let i = from; i < to; i++) keep.add(this.idOf(this.items[i]));
    for (const [id, entry] of this.rows) {
      if (!keep.has(id)) {
        entry.node.remove();
        this.rows.delete(id);
      }
    }
    for (let i = from; i < to; i++) this.place(i, anew);
    if (this.active !== null && this.rows.has(this.active)) {
      this.box.setAttribute("aria-activedescendant", this.rows.get(this.active).node.id);
    } else {
      this.box.removeAttribute("aria-activedescendant");
    }
  }

  place(i, anew) {
    const item = this.items[i], id = this.idOf(item), version = this.versionOf?.(item) ?? "";
    let entry = this.rows.get(id);
    if (!entry) {
      const node = document.createElement("div");
      node.id = `${this.box.id}-row-${(this.made = (this.made ?? 0) + 1)}`;
      node.dataset.id = id;
      node.setAttribute("role", "option");
      entry = { node, version: null };
      this.rows.set(id, entry);
      this.sizer.append(node);
    }
    if (anew || entry.version !== version) {
      entry.version = version;
      entry.node.className = "row";
      entry.node.replaceChildren();
      this.row(item, entry.node);
    }
    const { node } = entry;
    node.style.transform = `translateY(${this.offsets[i]}px)`;
    node.setAttribute("aria-posinset", i + 1);
    node.setAttribute("aria-setsize", this.items.length);
    node.setAttribute("aria-selected", id === this.selected);
    node.classList.toggle("active", id === this.active);
  }

  measure() {
    let changed = false, above = 0;
    const top = this.box.scrollTop, wasAtEnd = this.end && this.atEnd();
    for (const [id, { node }] of this.rows) {
      const height = node.offsetHeight, before = this.heights.get(id) ?? this.guess;
      if (height && Math.abs(height - before) > 0.5) {
        if (this.offsets[this.at.get(id)] < top) above += height - before;
        changed = true;
      }
      if (height) this.heights.set(id, height);
    }
    if (!changed) return false;
    this.layout();
    if (wasAtEnd) this.box.scrollTop = this.box.scrollHeight;
    else if (above) this.box.scrollTop = top + above;
    return true;
  }

  reveal(i) {
    const top = this.offsets[i], bottom = this.offsets[i + 1];
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (bottom > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = bottom - this.box.clientHeight;
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.box.clientHeight / (this.guess + this.gap)) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.altKey || event.ctrlKey || event.metaKey || !this.items.length) return;
    if (event.key in steps) {
      event.preventDefault();
      const now = this.at.get(this.active), step = steps[event.key];
      const start = now ?? (step > 0 ? -1 : 1);
      const to = Math.min(this.items.length - 1, Math.max(0, start + step));
      this.select(this.idOf(this.items[to]));
      this.chosen(this.items[to], { byKey: true, entered: false });
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      const i = this.at.get(this.active) ?? 0;
      this.select(this.idOf(this.items[i]));
      this.chosen(this.items[i], { byKey: true, entered: true });
    }
  }

  click(event) {
    const node = event.target.closest("[role=option]");
    if (!node || !this.at.has(node.dataset.id)) return;
    this.select(node.dataset.id, { scroll: false });
    this.chosen(this.items[this.at.get(node.dataset.id)], { byKey: false, entered: true });
  }
}
