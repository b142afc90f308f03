// The search, such as `to:+44* status:failed order`. All words must fit; of one word with several values, any value.

const WORDS = {
  to: (m) => [m.to],
  template: (m) => [m.template.name, m.template.id],
  status: (m) => [m.status],
  channel: (m) => [m.channel],
  key: (m) => (m.idempotency_key === null ? [] : [m.idempotency_key]),
};

/** A predicate for messages; null for an empty search. */
export function searchOf(text) {
  const wanted = new Map();
  const free = [];
  for (const part of text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []) {
    const [, word, value] = /^(\w+):(.*)$/s.exec(part) ?? [];
    const name = word?.toLowerCase();
    if (name && Object.hasOwn(WORDS, name)) {
      if (plain(value)) wanted.set(name, [...(wanted.get(name) ?? []), matcher(plain(value))]);
    } else if (plain(part)) {
      free.push(plain(part));
    }
  }
  if (!wanted.size && !free.length) return null;
  return (m) =>
    [...wanted].every(([name, tests]) => WORDS[name](m).some((value) => tests.some((test) => test(value.toLowerCase()))))
    && free.every((each) => haystack(m).includes(each));
}

function plain(text) {
  return text.replaceAll('"', "").toLowerCase();
}

function haystack(m) {
  return `${m.text}\n${m.to}\n${m.template.name}\n${m.status}\n${m.channel}\n${m.idempotency_key ?? ""}\n${m.id}\n${m.request_id}`.toLowerCase();
}

/** `*` is the only wildcard; without it the value must contain the pattern. No regular expression, so no pattern is slow. */
function matcher(pattern) {
  if (!pattern.includes("*")) return (value) => value.includes(pattern);
  const parts = pattern.split("*");
  const first = parts.shift(), last = parts.pop();
  return (value) => {
    if (!value.startsWith(first) || !value.endsWith(last) || value.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of parts) {
      const found = value.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= value.length - last.length;
  };
}
