// What a request changed in the state, row by row.

import { inline, same } from "../data/json.js";
import { to } from "../data/route.js";
import { Wide } from "../parts/wide.jsx";
import { counted } from "../parts/words.jsx";

/** The fields that differ; of a row that came or went, all. */
function differing({ before, after }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return before && after ? names.filter((name) => !same(before[name], after[name])) : names;
}

const sign = ({ before, after }) => (before === null ? "added" : after === null ? "removed" : "changed");

function Fields({ label, before, after }) {
  return (
    <Wide label={label}>
      <table class="fields">
        <thead>
          <tr>
            <th scope="col">Field</th>
            {before && <th scope="col">Before</th>}
            {after && <th scope="col">After</th>}
          </tr>
        </thead>
        <tbody>
          {differing({ before, after }).map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {before && <td class="before">{inline(before[name])}</td>}
              {after && <td class="after">{inline(after[name])}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

export function Changes({ changes, vendor, transitions }) {
  const nothing =
    changes && !changes.rows.length && !changes.settings && !changes.messages.length;
  return (
    <section class="changes">
      <h3>What it changed</h3>
      {changes === null && <p class="quiet">The journal no longer has what it changed.</p>}
      {nothing && <p class="quiet">Nothing.</p>}
      {changes?.rows.map((row, at) => (
        <article key={at} class={sign(row)}>
          <h4>
            <span class={`tag ${sign(row)}`}>{sign(row)}</span>{" "}
            <a href={to("state", vendor, row.collection)}>
              {row.collection} <code>{inline(row.key)}</code>
            </a>
          </h4>
          <Fields label={`${row.collection} ${inline(row.key)}`} {...row} />
        </article>
      ))}
      {changes?.moreRows > 0 && <p>{counted(changes.moreRows, "more row")}</p>}
      {changes?.settings && (
        <article class="changed">
          <h4>
            <span class="tag changed">changed</span> settings
          </h4>
          <Fields label="Settings" {...changes.settings} />
        </article>
      )}
      {changes?.messages.length > 0 && (
        <p>
          <a href={to("outbox", vendor, changes.messages.at(-1))}>
            {counted(changes.messages.length, "message")} sent
          </a>
        </p>
      )}
      {transitions.length > 0 && (
        <p class="backing">
          by {transitions.map((name) => <code key={name}>{name} </code>)}
        </p>
      )}
    </section>
  );
}
