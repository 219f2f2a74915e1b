// The spec as documentation, with what of it the session has seen.

import { useMemo, useState } from "preact/hooks";
import { call, path } from "../data/api.js";
import { inline, pretty } from "../data/json.js";
import { useFresh } from "../data/live.js";
import { go, to } from "../data/route.js";
import { useSpec, useVendor, VendorChoice } from "../parts/vendor.jsx";
import { Wide } from "../parts/wide.jsx";
import { counted, Nothing, Source, Wrong } from "../parts/words.jsx";

/** How often the rules of each statement came out in which way. */
function byStatement(coverage) {
  const counts = new Map();
  for (const rule of coverage?.rules ?? []) {
    for (const id of rule.statements) {
      const known = counts.get(id) ?? { held: 0, broken: 0, answered: 0 };
      known.held += rule.held + rule.done;
      known.broken += rule.broken;
      known.answered += rule.answered;
      counts.set(id, known);
    }
  }
  return counts;
}

const isSeen = (counts) => counts !== undefined && counts.held + counts.broken + counts.answered > 0;

/** Which operations the requests of the session came to. */
const operationsSeen = (coverage) =>
  new Set((coverage?.rules ?? []).map((rule) => rule.name.split(/[.[]/)[0]));

function Seen({ counts }) {
  if (!isSeen(counts)) return <span class="tag">not seen</span>;
  return (
    <>
      {counts.held + counts.answered > 0 && (
        <span class="tag added">held {counts.held + counts.answered}×</span>
      )}{" "}
      {counts.broken > 0 && <span class="tag changed">refused {counts.broken}×</span>}
    </>
  );
}

function Statements({ service, coverage }) {
  const [wanted, setWanted] = useState("all");
  const counts = useMemo(() => byStatement(coverage), [coverage]);
  const passes = { all: () => true, seen: isSeen, unseen: (one) => !isSeen(one) }[wanted];
  const shown = service.statements.filter((one) => passes(counts.get(one.id)));
  const seen = service.statements.filter((one) => isSeen(counts.get(one.id))).length;
  return (
    <article class="doc">
      <header>
        <h2>{service.info.title ?? service.name}</h2>
        {service.info.description && <p>{service.info.description}</p>}
        <p class="facts">
          <code>{service.baseUrl}</code>
          {service.info.document && <Source of={service.info.document} />}
        </p>
      </header>
      <section>
        <h3>What its documents say, and what this session has seen of it</h3>
        <p role="status">
          {seen} of {counted(service.statements.length, "statement")} seen in{" "}
          {counted(coverage?.requests ?? 0, "request")}.
        </p>
        <progress max={Math.max(1, service.statements.length)} value={seen} aria-label="Statements seen" />
        <select aria-label="Statements" value={wanted} onChange={(event) => setWanted(event.target.value)}>
          <option value="all">all statements</option>
          <option value="seen">seen</option>
          <option value="unseen">not seen</option>
        </select>
        <ul class="statements">
          {shown.map((one) => (
            <li key={one.id}>
              <code class="name">{one.id}</code>
              <div>
                <p>{one.says}</p>
                {one.decision && <p class="backing">decided: {one.decision}</p>}
                <p class="backing">
                  {one.evidence ?? "no rule"}
                  {one.source && (
                    <>
                      {" · "}
                      <Source of={one.source} />
                    </>
                  )}
                  {" · "}
                  {counted(one.rules.length, "rule")} · {one.at}
                </p>
              </div>
              <span class="seen">
                <Seen counts={counts.get(one.id)} />
              </span>
            </li>
          ))}
        </ul>
      </section>
    </article>
  );
}

/** What a schema says, in one line. */
function summary(schema) {
  if (!schema) return "";
  const words = [[schema.type ?? []].flat().join(" or ")];
  for (const [name, value] of Object.entries(schema)) {
    if (["type", "properties", "required", "items", "description", "xml", "meanings", "anyOf", "oneOf", "allOf", "not", "if", "then", "else"].includes(name)) continue;
    const text = inline(value);
    words.push(value === true ? name : `${name} ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`);
  }
  return words.filter(Boolean).join(", ");
}

function Properties({ schema, depth = 0 }) {
  const names = Object.keys(schema?.properties ?? {});
  if (names.length === 0 || depth > 4) return null;
  return (
    <ul class="properties">
      {names.map((name) => {
        const one = schema.properties[name];
        return (
          <li key={name}>
            <code class="name">{name}</code>
            {schema.required?.includes(name) && <span class="required"> required</span>}{" "}
            <span class="quiet">{summary(one)}</span>
            {one.description && <p>{one.description}</p>}
            <Properties schema={one.items ?? one} depth={depth + 1} />
          </li>
        );
      })}
    </ul>
  );
}

function Body({ schema }) {
  if (!schema) return null;
  const known = Object.keys(schema.properties ?? schema.items?.properties ?? {}).length > 0;
  return (
    <>
      <p class="quiet">{summary(schema)}</p>
      {known ? (
        <Properties schema={schema.properties ? schema : schema.items} />
      ) : (
        Object.keys(schema).length > 0 && <pre tabIndex={0}>{pretty(schema)}</pre>
      )}
    </>
  );
}

function Operation({ vendor, service, one, coverage }) {
  const rules = (coverage?.rules ?? []).filter((rule) => rule.name.split(/[.[]/)[0] === one.operationId);
  const transitions = service.transitions.filter((known) => known.operation === one.operationId);
  return (
    <article class="doc">
      <header>
        <h2>{one.operationId}</h2>
        {one.summary && <p>{one.summary}</p>}
        {one.description && <p>{one.description}</p>}
        <p class="facts">
          <span>{one.evidence}</span>
          <span>{one.at}</span>
          {one.implements.map((id) => (
            <code key={id}>{id}</code>
          ))}
          {one.bindings.length > 0 && <a href={to("send", vendor, one.operationId)}>Send a request</a>}
        </p>
      </header>
      <section>
        <h3>How to call it</h3>
        {one.bindings.length === 0 && <p>A link of a message.</p>}
        <ul class="plain-list">
          {one.bindings.map((binding, at) => (
            <li key={at}>
              <code>
                {binding.method} {binding.path}
              </code>
              {binding.soap && <span class="quiet"> SOAP, {binding.soap}</span>}
            </li>
          ))}
        </ul>
        {one.security.length > 0 && (
          <p>
            With {one.security.map((all) => all.join(" and ") || "nothing").join(", or ")}
          </p>
        )}
      </section>
      {one.parameters.length > 0 && (
        <section>
          <h3>Parameters</h3>
          <Wide label="Parameters">
            <table>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">In</th>
                  <th scope="col">What fits</th>
                </tr>
              </thead>
              <tbody>
                {one.parameters.map((parameter) => (
                  <tr key={parameter.name}>
                    <th scope="row">
                      <code>{parameter.name}</code>
                      {parameter.required && <span class="required"> required</span>}
                    </th>
                    <td>{parameter.in ?? "where the binding has them"}</td>
                    <td>
                      {summary(parameter.schema)}
                      {parameter.description && <p class="quiet">{parameter.description}</p>}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        </section>
      )}
      {one.requestBody && (
        <section>
          <h3>Body of the request {one.requestBody.required && <span class="required">required</span>}</h3>
          {one.requestBody.schema && <Body schema={one.requestBody.schema} />}
          {Object.entries(one.requestBody.content ?? {}).map(([name, { schema }]) => (
            <div key={name}>
              <h4>
                <code>{name}</code>
              </h4>
              <Body schema={schema} />
            </div>
          ))}
        </section>
      )}
      {one.responses.length > 0 && (
        <section>
          <h3>Answers</h3>
          <ul class="plain-list">
            {one.responses.map((response, at) => (
              <li key={at}>
                <code>{response.status}</code> {response.description}
                {response.schema && <Body schema={response.schema} />}
              </li>
            ))}
          </ul>
        </section>
      )}
      {transitions.length > 0 && (
        <section>
          <h3>What it changes</h3>
          <ul class="plain-list">
            {transitions.map((transition) => (
              <li key={transition.name}>
                <code>{transition.name}</code> <span class="quiet">{transition.at}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3>Its rules in this session</h3>
        {rules.length === 0 && <p class="quiet">No request of this session came to one.</p>}
        {rules.length > 0 && (
          <Wide label="Rules">
            <table>
              <thead>
                <tr>
                  <th scope="col">Rule</th>
                  <th scope="col">Held or done</th>
                  <th scope="col">Broken</th>
                  <th scope="col">Did not apply</th>
                  <th scope="col">Answered</th>
                  <th scope="col">At</th>
                </tr>
              </thead>
              <tbody>
                {rules.map((rule) => (
                  <tr key={rule.at + rule.name}>
                    <th scope="row">
                      {rule.statements.map((id) => (
                        <code key={id} class="name">
                          {vendor}/{id}{" "}
                        </code>
                      ))}
                      <code>{rule.name}</code>
                    </th>
                    <td>{rule.held + rule.done}</td>
                    <td>{rule.broken}</td>
                    <td>{rule.skipped}</td>
                    <td>{rule.answered}</td>
                    <td class="quiet">{rule.at}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Wide>
        )}
      </section>
    </article>
  );
}

export function Spec({ vendor: named, operation: wanted }) {
  const { vendors, vendor, error } = useVendor(named);
  const spec = useSpec(vendor);
  const coverage = useFresh(
    () => (vendor ? call("GET", path("coverage", vendor)) : Promise.resolve()),
    [vendor],
  );
  const [search, setSearch] = useState("");
  const service = spec.value?.name === vendor ? spec.value : undefined;
  const seen = useMemo(() => operationsSeen(coverage.value), [coverage.value]);
  const word = search.toLowerCase();
  const found = service?.operations.filter((one) =>
    [one.operationId, one.summary, ...one.bindings.map((binding) => `${binding.method} ${binding.path}`)]
      .join(" ")
      .toLowerCase()
      .includes(word),
  );
  const operation = service?.operations.find((one) => one.operationId === wanted);
  return (
    <>
      {(error ?? spec.error) && <Wrong error={error ?? spec.error} />}
      <div class={wanted ? "split docs with-side" : "split docs"}>
        <div class="contents">
          <div class="bar">
            <VendorChoice vendors={vendors} vendor={vendor} onChoose={(name) => go(["spec", name])} />
            <input
              type="search"
              class="search"
              placeholder="Search operations"
              aria-label="Search operations"
              value={search}
              onInput={(event) => setSearch(event.target.value)}
            />
          </div>
          <ul class="operations" aria-label="Operations">
            <li>
              <a href={to("spec", vendor ?? "")} aria-current={wanted ? undefined : "true"}>
                What the documents say
              </a>
            </li>
            {found?.map((one) => (
              <li key={one.operationId}>
                <a
                  href={to("spec", vendor, one.operationId)}
                  aria-current={one === operation ? "true" : undefined}
                >
                  {one.operationId}
                  {seen.has(one.operationId) && <span class="tag added">seen</span>}
                </a>
              </li>
            ))}
          </ul>
        </div>
        <div class="reading" tabIndex={0} role="region" aria-label="Documentation">
          {wanted && (
            <a class="back" href={to("spec", vendor ?? "")}>
              {service?.info.title ?? "All operations"}
            </a>
          )}
          {service && !wanted && <Statements service={service} coverage={coverage.value} />}
          {operation && (
            <Operation vendor={vendor} service={service} one={operation} coverage={coverage.value} />
          )}
          {service && wanted && !operation && (
            <Nothing>
              <p>
                {vendor} has no operation {wanted}.
              </p>
            </Nothing>
          )}
        </div>
      </div>
    </>
  );
}
