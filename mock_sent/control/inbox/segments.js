// How many SMS a text is. GSM-7 as long as every character is in its alphabet, else UCS-2 for the whole text.

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
// Each of these takes two units: an escape and the character.
const EXTENSION = new Set("\f^{}\\[~]|€");
const GSM = { name: "GSM-7", single: 160, each: 153 };
const UCS = { name: "UCS-2", single: 70, each: 67 };

/** `{encoding, units, segments, room, notInGsm}`: `room` are the units left in the last segment, `notInGsm` the characters that need UCS-2. */
export function segmentsOf(text) {
  const characters = [...text];
  const foreign = characters.filter((c) => !BASIC.has(c) && !EXTENSION.has(c));
  const kind = foreign.length ? UCS : GSM;
  const cost = foreign.length ? (c) => c.length : (c) => (EXTENSION.has(c) ? 2 : 1);
  const units = characters.reduce((sum, c) => sum + cost(c), 0);
  const notInGsm = [...new Set(foreign)].slice(0, 5);
  if (units <= kind.single) {
    return { encoding: kind.name, units, segments: units ? 1 : 0, room: kind.single - units, notInGsm };
  }
  // A character of two units is not split: it goes to the next segment, and leaves one unit unused.
  let segments = 1, used = 0;
  for (const c of characters) {
    if (used + cost(c) > kind.each) {
      segments += 1;
      used = 0;
    }
    used += cost(c);
  }
  return { encoding: kind.name, units, segments, room: kind.each - used, notInGsm };
}

/** The count in words: `1 SMS · GSM-7 · 51/160`. */
export function segmentsInWords(text) {
  const { encoding, units, segments, room } = segmentsOf(text);
  const most = segments > 1 ? units + room : encoding === "GSM-7" ? 160 : 70;
  return `${segments} SMS · ${encoding} · ${units}/${most}`;
}
