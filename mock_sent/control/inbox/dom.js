// Elements, made without markup: whatever came from a request can only ever become text.

/** `el("p.note", {hidden: true, on: {click}}, "text", child)`; the selector's classes come after dots. */
export function el(selector, ...rest) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const part of rest.flat()) {
    if (part === null || part === undefined || part === false) continue;
    if (part instanceof Node || typeof part !== "object") node.append(part);
    else assign(node, part);
  }
  return node;
}

function assign(node, options) {
  for (const [name, value] of Object.entries(options)) {
    if (name === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name.startsWith("aria-") || name === "role" || name === "for") node.setAttribute(name, value);
    else if (value !== undefined && value !== null) node[name] = value;
  }
}

export const byId = (id) => document.getElementById(id);

export function button(text, click, options = {}) {
  return el("button", { type: "button", ...options, on: { click } }, text);
}

/** Puts text on the clipboard, and says so on the button that was pressed. */
export function copyButton(label, text) {
  const node = button(label, async () => {
    const done = await copied(text());
    node.textContent = done ? "Copied" : "Copy failed";
    setTimeout(() => { node.textContent = label; }, 1500);
  });
  node.className = "small";
  return node;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers offer the clipboard to https and localhost only; a container's name is neither.
    const area = el("textarea.offscreen", { value: text, "aria-label": "Text to copy" });
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** Calls `work` once in the next frame, however often it is asked to. */
export function nextFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    const run = () => { if (asked) { asked = false; work(); } };
    requestAnimationFrame(run);
    setTimeout(run, 200); // a hidden page gets no frames
  };
}
