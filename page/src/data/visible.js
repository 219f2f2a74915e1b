// Characters that cannot be seen, or that turn the direction of what is around them, written so that
// they can be seen.

/**
 * Those of `src/visible.rs`, without marks that are drawn with the letter before, which tell nothing
 * where no two texts are compared; and controls that JSON would have escaped.
 */
const HIDDEN =
  /[\0-\x08\x0b-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{1bca0}-\u{1bca3}\u{1d159}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}\p{Noncharacter_Code_Point}]/gu;

/** What makes one picture of several, as emoji do. */
const JOINED = /(?<=\p{Extended_Pictographic}\p{Emoji_Modifier}?\ufe0f?)(?:\u200d(?=\p{Extended_Pictographic})|\ufe0f)/gu;

const code = (character) => `⟨U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`;

/** The text with each character that is not seen as its code point: `⟨U+202E⟩`. */
export function visible(text) {
  if (text.search(HIDDEN) < 0) return text;
  const joined = new Set([...text.matchAll(JOINED)].map((match) => match.index));
  return text.replace(HIDDEN, (character, at) => (joined.has(at) ? character : code(character)));
}

/** Elements whose text is a value. */
const VALUES = new Set(["option", "textarea", "script", "style"]);

const seen = (child) =>
  typeof child === "string" ? visible(child) : Array.isArray(child) ? child.map(seen) : child;

/** Whatever is drawn is drawn so; what can be edited stays as it is. */
export function drawVisibly(options) {
  const before = options.vnode;
  options.vnode = (vnode) => {
    const { type, props } = vnode;
    if (typeof type === "string" && !VALUES.has(type)) {
      if (props.children !== undefined) props.children = seen(props.children);
      if (typeof props.title === "string") props.title = visible(props.title);
    }
    before?.(vnode);
  };
}
