// XML with an element on each line.

/** Tags, and whatever else is not text between them. */
const TOKEN = /<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>|<[^>]*>|[^<]+/gs;

/**
 * The same with an element on each line, where there is nothing but elements; null where it is no
 * XML. Text stays as it is.
 */
export function reindentXml(text) {
  const document = new DOMParser().parseFromString(text, "text/xml");
  if (document.querySelector("parsererror")) return null;
  const tokens = text.match(TOKEN).filter((token) => token.trim() !== "");
  let out = "";
  let depth = 0;
  let before = "";
  for (const token of tokens) {
    const isTag = token.startsWith("<") && !token.startsWith("<![CDATA[");
    const closes = token.startsWith("</");
    if (closes) depth -= 1;
    const isEmpty = closes && before.startsWith("<") && !before.startsWith("</") && !before.endsWith("/>");
    const breaks = isTag && before.startsWith("<") && !before.startsWith("<![CDATA[") && !isEmpty;
    if (out !== "" && breaks && !(closes && !before.startsWith("<"))) out += `\n${"  ".repeat(depth)}`;
    out += token;
    if (isTag && !closes && !/^<[?!]/.test(token) && !token.endsWith("/>")) depth += 1;
    before = token;
  }
  return out;
}
