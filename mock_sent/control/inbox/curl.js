// A request as the command that makes it again. Pure.

// What a client adds by itself, or what describes one connection only.
const OWN = new Set(["host", "content-length", "connection", "accept-encoding", "user-agent", "accept", "transfer-encoding"]);

export function curlOf(origin, { method, path, request }) {
  const parts = [`curl -X ${method} ${quoted(origin + path)}`];
  for (const [name, value] of Object.entries(request.headers)) {
    if (OWN.has(name)) continue;
    // Secrets are masked in what the mock shows, so the reader's own stands in.
    parts.push(name === "x-api-key" ? '-H "x-api-key: $SENT_API_KEY"' : `-H ${quoted(`${name}: ${value}`)}`);
  }
  const { body } = request;
  if (body !== null && body !== "") {
    parts.push(`-d ${quoted(typeof body === "string" ? body : JSON.stringify(body, null, 2))}`);
  }
  return parts.join(" \\\n  ");
}

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
