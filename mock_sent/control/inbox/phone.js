// The middle pane: the recipient's phone, with the texts as the channels would show them.

import { el } from "./dom.js";
import { VirtualList } from "./list.js";
import { channelName, tick } from "./marks.js";
import { segmentsInWords, segmentsOf } from "./segments.js";
import { clockTime, day } from "./times.js";

export function threadList(box, words, chosen) {
  return new VirtualList(box, { row: (m, node) => row(m, node, words), idOf: (m) => m.id, height: 92, measured: true, end: true, gap: 10, chosen });
}

export const versionOf = (m) => `${m.status} ${m.stamp ?? 0}`;

/** The mock sends automatically chosen messages by SMS, so their segments are counted too. */
export const isSms = (m) => m.channel === "sms" || m.channel === "sent";

function row(m, node, words) {
  node.classList.add("letter");
  node.append(
    el("div.bubble", { data: { channel: m.channel } },
      el("p.text", m.text),
      el("div.meta",
        el("span.channel", { data: { channel: m.channel } }, channelName(m.channel)),
        isSms(m) && el("span.sms", segmentsInWords(m.text)),
        el("span.time", clockTime(m.at)),
        tick(m.status, words))),
  );
}

/** The line under the thread: how many segments the selected text needs, and why. */
export function segmentLine(m) {
  if (!m) return "";
  if (!isSms(m)) return `${channelName(m.channel)} · ${[...m.text].length} characters · ${day(m.at)}`;
  const { encoding, segments, room, notInGsm } = segmentsOf(m.text);
  const why = notInGsm.length ? ` because of ${notInGsm.join(" ")}` : "";
  return `${segments} SMS segment${segments === 1 ? "" : "s"} · ${encoding}${why} · ${room} left · ${day(m.at)}`;
}
