// Makes elements without markup, so that content of a request can only become text.

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

/** A button that copies text to the clipboard, and shows that it did. */
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
    // Browsers allow the clipboard for https and localhost only, not for the host name of a container.
    const area = el("textarea.offscreen", { value: text, "aria-label": "Text to copy" });
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** A function that calls `work` in the next frame: once, even if it is called several times before that frame. */
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
