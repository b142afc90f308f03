// A request as a curl command that repeats it. No side effects.

// Headers that a client adds by itself, or that describe one connection only.
const OWN = new Set(["host", "content-length", "connection", "accept-encoding", "user-agent", "accept", "transfer-encoding"]);

export function curlOf(origin, { method, path, request }) {
  const parts = [`curl -X ${method} ${quoted(origin + path)}`];
  for (const [name, value] of Object.entries(request.headers)) {
    if (OWN.has(name)) continue;
    // The mock masks secrets, so the command uses a variable with the reader's key.
    parts.push(name === "x-api-key" ? '-H "x-api-key: $SENT_API_KEY"' : `-H ${quoted(`${name}: ${value}`)}`);
  }
  const { body } = request;
  if (body !== null && body !== "") {
    parts.push(`--data-raw ${quoted(typeof body === "string" ? body : JSON.stringify(body, null, 2))}`);
  }
  return parts.join(" \\\n  ");
}

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
