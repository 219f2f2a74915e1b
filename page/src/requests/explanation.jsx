// Why it was answered so, rule by rule.

import { useState } from "preact/hooks";
import { inline } from "../data/json.js";
import { counted, outcome, Source } from "../parts/words.jsx";

const MARKS = { held: "✓", broken: "✗", skipped: "–", done: "✓", answered: "→", refused: "✗" };

/**
 * Rules that only say that all is well, and steps that no document speaks of, are of no interest
 * when one looks for what decided.
 */
const isQuiet = ({ outcome, statements }) =>
  outcome === "held" || outcome === "skipped" || (outcome === "done" && statements.length === 0);

function Rule({ entry }) {
  if (entry.note !== undefined) return <li class="note">{entry.note}</li>;
  return (
    <li class={entry.outcome}>
      <span class="mark" aria-hidden="true">
        {MARKS[entry.outcome]}
      </span>
      <span class="outcome">{entry.outcome}</span>
      <div class="rule">
        <p>
          {entry.rule && <code class="name">{entry.rule}</code>}{" "}
          {entry.statements?.map((statement, at) => (
            <span key={statement.id} class="says">
              {at > 0 && " · "}
              {statement.says}
            </span>
          ))}
          {!entry.rule?.endsWith(entry.name) && !entry.statements?.length && (
            <span class="says">{entry.name}</span>
          )}
        </p>
        {(entry.detail || entry.field !== undefined) && (
          <p class="about">
            {entry.field !== undefined && <code>{entry.field || "the body"}</code>}
            {entry.value !== undefined && (
              <>
                {" "}
                is <code>{inline(entry.value)}</code>
              </>
            )}{" "}
            {entry.detail}
          </p>
        )}
        <p class="backing">
          {entry.kind}
          {entry.evidence && ` · ${entry.evidence}`}
          {entry.source && (
            <>
              {" · "}
              <Source of={entry.source} />
            </>
          )}
          {entry.at && ` · ${entry.at}`}
        </p>
      </div>
    </li>
  );
}

const TITLES = { failed: "Why it failed", refused: "Why it was refused" };

export function Explanation({ one }) {
  const [all, setAll] = useState(false);
  // What is the reason has been said above.
  const entries = one.explanation.filter(({ note }) => note === undefined || note !== one.reason);
  const quiet = entries.filter(isQuiet).length;
  const shown = all ? entries : entries.filter((entry) => !isQuiet(entry));
  return (
    <section class="explanation">
      <h3>{TITLES[outcome(one.response.status, one.reason)] ?? "What decided the answer"}</h3>
      {one.reason && (
        <p class={`verdict ${outcome(one.response.status, one.reason)}`}>
          {one.rule && <code>{one.rule}</code>} {one.reason}
        </p>
      )}
      <ol class="rules">
        {shown.map((entry, at) => (
          <Rule key={at} entry={entry} />
        ))}
      </ol>
      {entries.length === 0 && <p class="quiet">No rule was checked.</p>}
      {quiet > 0 && (
        <button type="button" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show only what decided" : `Show ${counted(quiet, "more rule")}, which held or did not apply`}
        </button>
      )}
    </section>
  );
}
