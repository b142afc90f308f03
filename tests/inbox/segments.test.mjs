import assert from "node:assert/strict";
import { test } from "node:test";

import { segmentsInWords, segmentsOf } from "../../mock_sent/control/inbox/segments.js";

const counts = (text) => { const { encoding, units, segments, room } = segmentsOf(text); return [encoding, units, segments, room]; };

test("an empty text is no SMS", () => assert.deepEqual(counts(""), ["GSM-7", 0, 0, 160]));
test("160 characters are one, 161 are two of 153", () => {
  assert.deepEqual(counts("a".repeat(160)), ["GSM-7", 160, 1, 0]);
  assert.deepEqual(counts("a".repeat(161)), ["GSM-7", 161, 2, 145]);
  assert.deepEqual(counts("a".repeat(306)), ["GSM-7", 306, 2, 0]);
  assert.deepEqual(counts("a".repeat(307)), ["GSM-7", 307, 3, 152]);
});
test("every character of the basic alphabet costs one", () => {
  assert.deepEqual(counts("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"), ["GSM-7", 32 - 1, 1, 129]);
});
test("characters of the extension cost two", () => {
  for (const c of "^{}\\[~]|€\f") assert.deepEqual(counts(c), ["GSM-7", 2, 1, 158]);
  assert.deepEqual(counts("€".repeat(80)), ["GSM-7", 160, 1, 0]);
  assert.deepEqual(counts("€".repeat(81)), ["GSM-7", 162, 2, 143]);
});
test("an escape and its character are not torn apart", () => {
  // 152 + the pair does not fit into 153: the pair opens the second segment.
  assert.deepEqual(counts(`${"a".repeat(152)}€${"a".repeat(151)}`), ["GSM-7", 305, 2, 0]);
  assert.deepEqual(counts(`${"a".repeat(152)}€${"a".repeat(152)}`), ["GSM-7", 306, 3, 152]);
});
test("one foreign character makes the whole text UCS-2", () => {
  assert.deepEqual(counts("ł"), ["UCS-2", 1, 1, 69]);
  assert.deepEqual(counts(`${"a".repeat(69)}ł`), ["UCS-2", 70, 1, 0]);
  assert.deepEqual(counts(`${"a".repeat(70)}ł`), ["UCS-2", 71, 2, 63]);
  assert.deepEqual(segmentsOf("“Hi” ł 🚀").notInGsm, ["“", "”", "ł", "🚀"]);
});
test("an emoji is two units, and is not torn apart", () => {
  assert.deepEqual(counts("🚀".repeat(35)), ["UCS-2", 70, 1, 0]);
  assert.deepEqual(counts("🚀".repeat(36)), ["UCS-2", 72, 2, 67 - 6]);
});
test("ç is not in the alphabet, Ç is; the backtick is not", () => {
  assert.equal(segmentsOf("Ç").encoding, "GSM-7");
  assert.equal(segmentsOf("ç").encoding, "UCS-2");
  assert.equal(segmentsOf("`").encoding, "UCS-2");
});
test("in words", () => {
  assert.equal(segmentsInWords("Hi"), "1 SMS · GSM-7 · 2/160");
  assert.equal(segmentsInWords("a".repeat(161)), "2 SMS · GSM-7 · 161/306");
});
