// Calls the public control plane only. The `Api` object has the account, the key and the token.

export const BASE = new URL("../", import.meta.url);

export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

export class Api {
  constructor(storage = sessionStorage) {
    this.storage = storage;
    this.token = storage.getItem("token") ?? "";
    this.key = storage.getItem("key") ?? "";
    this.account = "";
  }

  remember({ token, key }) {
    Object.assign(this, { token, key });
    this.storage.setItem("token", token);
    this.storage.setItem("key", key);
  }

  headers() {
    const headers = {};
    if (this.token) headers["x-mock-token"] = this.token;
    if (this.key) headers["x-api-key"] = this.key;
    return headers;
  }

  url(path, query = {}) {
    const url = new URL(path, BASE);
    const asked = { ...(this.account ? { account: this.account } : {}), ...query };
    for (const [name, value] of Object.entries(asked)) {
      for (const each of [value].flat()) url.searchParams.append(name, each);
    }
    return url;
  }

  get(path, query) {
    return this.call("GET", path, query);
  }

  async call(method, path, query, body) {
    const headers = this.headers();
    if (method !== "GET") headers["content-type"] = "application/json";
    const content = method === "GET" || method === "DELETE" ? undefined : JSON.stringify(body ?? {});
    const response = await fetch(this.url(path, query), { method, headers, body: content, cache: "no-store" });
    const text = await response.text();
    if (response.ok) return text ? JSON.parse(text) : null;
    throw new Refused(response.status, sentenceOf(text) ?? `the server answered ${response.status}`);
  }
}

function sentenceOf(text) {
  try {
    return JSON.parse(text).error;
  } catch {
    return null;
  }
}
