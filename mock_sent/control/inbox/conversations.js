// The left pane: the recipients, the one with the latest message first.

import { el } from "./dom.js";
import { VirtualList } from "./list.js";
import { channelTag, tick } from "./marks.js";
import { clockTime } from "./times.js";

export function conversationList(box, words, chosen) {
  return new VirtualList(box, { row: (c, node) => row(c, node, words), idOf: (c) => c.to, height: 76, chosen });
}

export function versionOf(conversation) {
  const last = conversation.shown.at(-1);
  return `${last.id} ${last.status} ${conversation.shown.length}`;
}

function row({ to, shown }, node, words) {
  const last = shown.at(-1);
  node.classList.add("conversation");
  node.append(
    el("span.who", to),
    el("span.when", clockTime(last.at)),
    el("span.said", last.text),
    el("span.how", channelTag(last.channel), tick(last.status, words), shown.length > 1 && el("span.count", String(shown.length))),
  );
}
