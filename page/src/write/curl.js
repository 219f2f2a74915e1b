// A request as a curl command.

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** What curl, or the connection, says by itself. */
const OWN = new Set(["host", "content-length", "connection", "transfer-encoding"]);

/** The command that sends the request of the journal once more; what is `***` there stays so. */
export function curl({ method, url, headers, body, bodyBase64 }) {
  const words = ["curl -sS -i --path-as-is --globoff"];
  if (headers["accept-encoding"] !== undefined) words.push("--compressed");
  const hasBody = Boolean(body || bodyBase64);
  if (method === "HEAD" && !hasBody) words.push("--head");
  else if (method !== (hasBody ? "POST" : "GET")) words.push(`-X ${quote(method)}`);
  words.push(quote(url));
  const lines = Object.entries(headers).filter(([name]) => !OWN.has(name));
  for (const [name, values] of lines) {
    for (const value of [values].flat()) {
      words.push(`-H ${quote(value === "" ? `${name};` : `${name}: ${value}`)}`);
    }
  }
  if (hasBody && headers["content-type"] === undefined) words.push("-H Content-Type:");
  if (body) words.push(`${body.startsWith("@") ? "--data-raw" : "--data-binary"} ${quote(body)}`);
  const command = words.join(" \\\n  ");
  if (!bodyBase64) return command;
  return `printf %s ${quote(bodyBase64)} | base64 -d | ${command} \\\n  --data-binary @-`;
}

/** Whether something of it is hidden. */
export const isMasked = (text) => text.includes("***");
