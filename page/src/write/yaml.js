// Trees as YAML, as people write it.

import { isObject } from "../data/json.js";

/** What no reader takes for anything but a text. */
const PLAIN = /^[A-Za-z_/][\w ./@+-]*[\w/]$|^[A-Za-z_]$/;
const WORDS = /^(true|false|null|yes|no|on|off|y|n|\d.*|~)$/i;

const scalar = (value) => {
  if (typeof value !== "string") return JSON.stringify(value);
  return PLAIN.test(value) && !WORDS.test(value) ? value : JSON.stringify(value);
};

const isEmpty = (value) =>
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/** A value in one line. */
function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (!isObject(value)) return scalar(value);
  const members = Object.entries(value).map(([name, member]) => `${scalar(name)}: ${flow(member)}`);
  return `{${members.join(", ")}}`;
}

const isBlock = (value) => (Array.isArray(value) || isObject(value)) && !isEmpty(value);

/** A value over several lines, each of which begins with `indent`; short ones in one line. */
export function yaml(value, indent = "") {
  if (!isBlock(value)) return `${indent}${flow(value)}\n`;
  const member = (head, inner) => {
    const short = flow(inner);
    return !isBlock(inner) || (indent.length + head.length + short.length < 90 && depth(inner) < 3)
      ? `${indent}${head} ${short}\n`
      : null;
  };
  if (Array.isArray(value)) {
    return value
      .map((item) => (isBlock(item) ? `${indent}- ${yaml(item, `${indent}  `).trimStart()}` : `${indent}- ${flow(item)}\n`))
      .join("");
  }
  return Object.entries(value)
    .map(([name, inner]) => member(`${scalar(name)}:`, inner) ?? `${indent}${scalar(name)}:\n${yaml(inner, `${indent}  `)}`)
    .join("");
}

const depth = (value) =>
  isBlock(value) ? 1 + Math.max(...Object.values(value).map(depth)) : 0;
