// A request or a response as it was on the wire, as far as the journal shows it.

import { useState } from "preact/hooks";
import { reindent } from "../data/json.js";
import { reindentXml } from "../data/xml.js";

/** More than this is not laid out, since nobody reads it and it takes long. */
const LONGEST = 200_000;

const layOut = (text) =>
  text.length > LONGEST ? null : text.trimStart().startsWith("<") ? reindentXml(text) : reindent(text);

export function Message({ title, message, first }) {
  const [raw, setRaw] = useState(false);
  const lines = Object.entries(message.headers).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, one]),
  );
  const text = message.body ?? null;
  const laidOut = text ? layOut(text) : null;
  return (
    <section class="message">
      <h3>{title}</h3>
      {first && <p class="first"><code>{first}</code></p>}
      {lines.length > 0 && (
        <dl class="headers">
          {lines.map(([name, value], at) => (
            <div key={at}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {message.bodyBase64 !== undefined && (
        <>
          <p class="quiet">The body is no text; in base64:</p>
          <pre tabIndex={0}>{message.bodyBase64}</pre>
        </>
      )}
      {text !== null && text !== "" && (
        <>
          <pre tabIndex={0} aria-label={`Body of the ${title.toLowerCase()}`}>
            {!raw && laidOut !== null ? laidOut : text}
          </pre>
          {laidOut !== null && laidOut !== text && (
            <button type="button" aria-pressed={raw} onClick={() => setRaw(!raw)}>
              As it was sent
            </button>
          )}
        </>
      )}
      {text === "" && <p class="quiet">No body.</p>}
    </section>
  );
}
