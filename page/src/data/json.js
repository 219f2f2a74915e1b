// JSON whose numbers stay as they are written: the mock's are exact, a browser's are not.

/** What a text says; numbers that a browser cannot hold are kept as they are written. */
export const parse = (text) =>
  JSON.parse(text, (_key, value, context) =>
    typeof value === "number" && context?.source !== undefined && String(value) !== context.source
      ? JSON.rawJSON(context.source)
      : value,
  );

const isRaw = (value) => JSON.isRawJSON?.(value) ?? false;

/** Whether it is a mapping. */
export const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isRaw(value);

/** Spaces that nobody sees. */
const BLANK_END = / +$/;

/** A value in one line, for people: a text without its quotes. */
export const inline = (value) =>
  value === undefined
    ? ""
    : typeof value === "string"
      ? value.replace(BLANK_END, (blanks) => "⟨U+0020⟩".repeat(blanks.length))
      : JSON.stringify(value);

/** A value as JSON over several lines. */
export const pretty = (value) => reindent(JSON.stringify(value)) ?? "";

/** Whether two values are the same. */
export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * JSON with an item on each line, otherwise to the letter as it came; null where it is no JSON.
 */
export function reindent(text) {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  let out = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (token === "{" || token === "[") {
      depth += 1;
      out += token + line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      const opening = token === "}" ? "{" : "[";
      const empty = out.trimEnd();
      out = empty.endsWith(opening) ? empty + token : out + line() + token;
    } else {
      out += token === "," ? token + line() : token === ":" ? ": " : token;
    }
  }
  return out;
}
