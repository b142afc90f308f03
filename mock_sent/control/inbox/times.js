// Times and numbers as texts. No side effects.

const two = (n) => String(n).padStart(2, "0");

export function clockTime(iso) {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? "" : `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function day(iso) {
  const at = new Date(iso);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

export function dayAndTime(iso) {
  return `${day(iso)} ${clockTime(iso)}`;
}

/** A span: `300 ms`, `1.5 s`, `4 min`, `24 h`, `3 d`. */
export function span(milliseconds) {
  const ms = Math.abs(milliseconds);
  const [size, unit] = ms < 1000 ? [1, "ms"] : ms < 60_000 ? [1000, "s"] : ms < 3_600_000 ? [60_000, "min"]
    : ms < 172_800_000 ? [3_600_000, "h"] : [86_400_000, "d"];
  const n = ms / size;
  return `${size > 1 && n < 10 ? Number(n.toFixed(1)) : Math.round(n)} ${unit}`;
}

export function counted(n, noun, nouns = `${noun}s`) {
  return `${n === "unknown" ? "?" : n.toLocaleString("en")} ${n === 1 ? noun : nouns}`;
}
