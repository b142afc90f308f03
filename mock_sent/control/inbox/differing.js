// The names of the members that differ between two bodies. The order of members is ignored. No side effects.

export function differing(one, two) {
  if (!isObject(one) || !isObject(two)) return same(one, two) ? [] : ["the whole body"];
  return [...new Set([...Object.keys(one), ...Object.keys(two)])].filter((name) => !same(one[name], two[name]));
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function same(one, two) {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(two));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}
