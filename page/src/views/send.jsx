// A request of one's own, from the spec or from the journal.

import { useEffect, useRef, useState } from "preact/hooks";
import { call, path, prefix } from "../data/api.js";
import { reindent } from "../data/json.js";
import { knownKeys } from "../data/keys.js";
import { live } from "../data/live.js";
import { go, to } from "../data/route.js";
import { Field } from "../parts/fields.jsx";
import { attempt } from "../parts/told.jsx";
import { useSpec, useVendor, VendorChoice } from "../parts/vendor.jsx";
import { duration, Nothing, Status, Wrong } from "../parts/words.jsx";
import { sampleBody } from "../write/sample.js";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
/** What a browser sends by itself, and lets no page say. */
const OWN = /^(host|content-length|connection|accept-encoding|user-agent|origin|referer|cookie|transfer-encoding|expect|sec-.*)$/;

const bindingName = (one) => (one.soap ? `soap ${one.path}` : `${one.method} ${one.path}`);

/** How the key of a scheme is shown: a header, a pair of the query. */
function shown({ scheme, key, password }) {
  if (scheme.type === "bearer") return { header: ["Authorization", `Bearer ${key}`] };
  if (scheme.type === "basic") {
    const forms = { key, "key:": `${key}:`, "key:password": `${key}:${password}`, ":key": `any:${key}` };
    return { header: ["Authorization", `Basic ${btoa(forms[scheme.form])}`] };
  }
  if (scheme.in === "header") return { header: [scheme.key, key] };
  return { query: [scheme.key, key] };
}

/** The request that an operation is, with what was put into the fields. */
function requestOf({ service, operation, binding, values, keys, mediaType, body }) {
  const base = new URL(service.baseUrl).pathname;
  const segments = binding.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? ""));
  const query = new URLSearchParams();
  const form = new URLSearchParams();
  const headers = [];
  for (const parameter of operation.parameters) {
    const value = values[parameter.name];
    const where = parameter.in ?? binding.parametersIn;
    if (value === undefined || value === "" || where === "path") continue;
    if (where === "header") headers.push([parameter.name, value]);
    else if (where === "form") form.append(parameter.name, value);
    else if (where === "query") query.append(parameter.name, value);
  }
  for (const { header, query: pair } of keys) {
    if (header) headers.push(header);
    if (pair) (binding.parametersIn === "form" ? form : query).append(...pair);
  }
  const asForm = form.toString();
  const text = asForm !== "" ? asForm : body;
  if (text !== "") headers.push(["Content-Type", asForm !== "" ? "application/x-www-form-urlencoded" : mediaType]);
  const asQuery = query.toString();
  return {
    method: binding.method,
    path: `${base}${segments}${asQuery === "" ? "" : `?${asQuery}`}`,
    headers: headers.map(([name, value]) => `${name}: ${value}`).join("\n"),
    body: text,
  };
}

/** The schema of a body in that media type. */
const bodySchema = (operation, mediaType) =>
  operation.requestBody?.content?.[mediaType]?.schema ?? operation.requestBody?.schema;

const mediaTypes = (operation) => {
  const own = Object.keys(operation.requestBody?.content ?? {});
  return own.length > 0 ? own : operation.consumes.length > 0 ? operation.consumes : ["application/json"];
};

/** The first key that the session knows for each scheme that the operation asks for. */
function useKeys(service, operation) {
  const [keys, setKeys] = useState([]);
  useEffect(() => {
    let ended = false;
    attempt(async () => {
      const known = await knownKeys(service, operation.operationId);
      if (!ended) setKeys(known.map(shown));
    });
    return () => {
      ended = true;
    };
  }, [service, operation]);
  return keys;
}

/** The fields of an operation; tells the request that they make. */
function OperationForm({ service, operation, onRequest }) {
  const [at, setAt] = useState(0);
  const binding = operation.bindings[at] ?? operation.bindings[0];
  const types = mediaTypes(operation);
  const [mediaType, setMediaType] = useState(types[0]);
  const [values, setValues] = useState({});
  const keys = useKeys(service, operation);
  const [isOpen, setOpen] = useState(false);
  const takesBody = operation.requestBody !== undefined && !binding.soap;
  const begun = takesBody ? sampleBody(bodySchema(operation, mediaType), mediaType) : "";
  const of = `${at} ${mediaType}`;
  const made = useRef(null);

  useEffect(() => {
    const shown = isOpen ? [] : keys;
    const next = requestOf({ service, operation, binding, values, keys: shown, mediaType, body: begun });
    // What somebody wrote into the body stays, until it is another one.
    onRequest((before) => (made.current === of && next.body === begun ? { ...next, body: before.body } : next));
    made.current = of;
  }, [operation, binding, values, keys, mediaType, isOpen]);

  return (
    <div class="fieldset">
      {operation.summary && <p>{operation.summary}</p>}
      {operation.bindings.length > 1 && (
        <label class="field">
          <span class="label">Binding</span>
          <select value={at} onChange={(event) => setAt(Number(event.target.value))}>
            {operation.bindings.map((one, position) => (
              <option key={position} value={position}>
                {bindingName(one)}
              </option>
            ))}
          </select>
        </label>
      )}
      {operation.parameters.map((one) => (
        <Field
          key={one.name}
          name={one.name}
          schema={one.schema?.type === "array" ? { ...one.schema, type: "string" } : one.schema}
          required={one.required}
          note={[one.in ?? binding.parametersIn, one.description].filter(Boolean).join(" · ")}
          text={values[one.name] ?? ""}
          onText={(value) => setValues({ ...values, [one.name]: value })}
        />
      ))}
      {takesBody && types.length > 1 && (
        <label class="field">
          <span class="label">Media type</span>
          <select value={mediaType} onChange={(event) => setMediaType(event.target.value)}>
            {types.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      )}
      {keys.length > 0 && (
        <label class="check">
          <input type="checkbox" checked={!isOpen} onChange={() => setOpen(!isOpen)} /> with a key that
          the mock knows
        </label>
      )}
    </div>
  );
}

/** The request of the journal with that id, as what can be sent. */
async function fromJournal(id) {
  const one = await call("GET", path("requests", id));
  const headers = Object.entries(one.request.headers).filter(([name]) => !OWN.test(name));
  return {
    method: one.request.method,
    path: one.request.path.slice(prefix.length) + query(one.request.url),
    headers: headers.flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}`)).join("\n"),
    body: one.request.body ?? "",
  };
}

const query = (url) => (url.includes("?") ? url.slice(url.indexOf("?")) : "");

const EMPTY = { method: "GET", path: "/", headers: "", body: "" };

async function send({ method, path: target, headers, body }) {
  const lines = headers.split("\n").filter((line) => line.includes(":"));
  const pairs = lines.map((line) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()]);
  const began = performance.now();
  const hasBody = body !== "" && method !== "GET" && method !== "HEAD";
  const response = await fetch(prefix + target, {
    method,
    headers: pairs,
    body: hasBody ? body : undefined,
    credentials: "omit",
    redirect: "manual",
  });
  const text = await response.text();
  return {
    status: response.status,
    opaque: response.type === "opaqueredirect",
    headers: [...response.headers],
    text,
    took: Math.round(1000 * (performance.now() - began)),
  };
}

function Answer({ answer, id }) {
  return (
    <section class="answer" aria-label="Answer" aria-live="polite">
      <h2>Answer</h2>
      <p class="facts">
        {answer.opaque ? <span>a redirect, which this page does not follow</span> : <Status of={answer.status} />}
        <span>{duration(answer.took)}</span>
        {id && <a href={to("requests", id)}>why: request {id}</a>}
      </p>
      <dl class="headers">
        {answer.headers.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {answer.text !== "" && <pre tabIndex={0} aria-label="Body of the answer">{reindent(answer.text) ?? answer.text}</pre>}
    </section>
  );
}

/** Waits a little for the journal to tell of a request that was sent. */
async function journalled(last, target) {
  for (let turn = 0; turn < 20; turn += 1) {
    const found = live.requests.findLast((one) => one.id > last && one.path === prefix + target);
    if (found) return found.id;
    await new Promise((done) => setTimeout(done, 100));
  }
  return null;
}

export function Send({ vendor: named, operation: wanted }) {
  const ofJournal = named === "request" && /^\d+$/.test(wanted ?? "");
  const { vendors, vendor, error } = useVendor(ofJournal ? undefined : named);
  const spec = useSpec(vendor);
  const service = spec.value?.name === vendor ? spec.value : undefined;
  const operations = service?.operations.filter((one) => one.bindings.length > 0) ?? [];
  const operation = ofJournal ? undefined : operations.find((one) => one.operationId === wanted);
  const [request, setRequest] = useState(EMPTY);
  const [answer, setAnswer] = useState(null);
  const [id, setId] = useState(null);

  useEffect(() => {
    if (ofJournal) attempt(async () => setRequest(await fromJournal(wanted)));
    setAnswer(null);
  }, [named, wanted]);

  const set = (name) => (event) => setRequest({ ...request, [name]: event.target.value });
  const submit = (event) => {
    event.preventDefault();
    attempt(async () => {
      const last = live.requests.at(-1)?.id ?? 0;
      setId(null);
      setAnswer(await send(request));
      setId(await journalled(last, request.path));
    });
  };
  const methods = METHODS.includes(request.method) ? METHODS : [...METHODS, request.method];
  return (
    <div class="send">
      {(error ?? spec.error) && <Wrong error={error ?? spec.error} />}
      <section class="left" aria-label="From the spec">
        <div class="bar">
          <VendorChoice vendors={vendors} vendor={vendor} onChoose={(name) => go(["send", name])} />
          <select
            aria-label="Operation"
            value={operation?.operationId ?? ""}
            onChange={(event) => go(event.target.value ? ["send", vendor, event.target.value] : ["send", vendor])}
          >
            <option value="">choose an operation …</option>
            {operations.map((one) => (
              <option key={one.operationId}>{one.operationId}</option>
            ))}
          </select>
          {operation && <a href={to("spec", vendor, operation.operationId)}>what the spec says of it</a>}
        </div>
        {operation ? (
          <OperationForm
            key={`${vendor}/${operation.operationId}`}
            service={service}
            operation={operation}
            onRequest={setRequest}
          />
        ) : (
          <Nothing>
            <p>{ofJournal ? `Request ${wanted}, to be changed and sent.` : "Choose an operation to fill in the request, or write one yourself."}</p>
          </Nothing>
        )}
      </section>
      <section class="right" aria-label="The request">
        <form onSubmit={submit}>
          <div class="first">
            <select aria-label="Method" value={request.method} onChange={set("method")}>
              {methods.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
            <input aria-label="Path" class="code" type="text" required pattern="/.*" value={request.path} onInput={set("path")} />
            <button type="submit" class="main">
              Send
            </button>
          </div>
          <label class="field">
            <span class="label">Headers</span>
            <textarea class="code" rows={Math.max(2, request.headers.split("\n").length)} value={request.headers} onInput={set("headers")} />
          </label>
          {request.headers.includes("***") && (
            <p class="quiet">The journal hides credentials: put yours in the place of <code>***</code>.</p>
          )}
          <label class="field">
            <span class="label">Body</span>
            <textarea class="code" rows={Math.min(14, Math.max(3, request.body.split("\n").length))} value={request.body} onInput={set("body")} />
          </label>
        </form>
        {answer && <Answer answer={answer} id={id} />}
      </section>
    </div>
  );
}
