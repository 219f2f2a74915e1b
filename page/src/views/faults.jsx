// What is to go wrong for some requests.

import { useState } from "preact/hooks";
import { call, path } from "../data/api.js";
import { inline, isObject } from "../data/json.js";
import { useFresh } from "../data/live.js";
import { attempt } from "../parts/told.jsx";
import { useSpec, useVendor } from "../parts/vendor.jsx";
import { Wide } from "../parts/wide.jsx";
import { counted, Nothing, Wrong } from "../parts/words.jsx";

const KINDS = {
  status: "an error status",
  error: "an error of the spec",
  reset: "the connection is reset",
  empty: "closed without an answer",
  truncated: "the body ends in the middle",
  garbage: "the answer is not HTTP",
  slow: "the body comes slowly",
  none: "only a delay",
};

/** What goes wrong, in words. */
const said = ({ fault, delay }) => {
  const words = [];
  if (isObject(fault)) words.push(Object.entries(fault).map(([name, value]) => `${name} ${inline(value)}`).join(" "));
  else if (fault) words.push(KINDS[fault] ?? inline(fault));
  if (isObject(delay)) words.push(`a delay of ${delay.from} to ${delay.to}`);
  else if (delay) words.push(`a delay of ${delay}`);
  return words.join(", after ");
};

const whose = ({ vendor, operation }) =>
  operation ? `${vendor ?? "any vendor"}/${operation}` : (vendor ?? "any operation");

const isGiven = (value) => value !== undefined && value !== null;

/** Which of the requests that it is for. */
const when = ({ skip, times, share }) => {
  const some = isGiven(share) ? `${Math.round(share * 1000) / 10} % of requests` : "every request";
  const next = !isGiven(times)
    ? some
    : isGiven(share)
      ? `${some}, ${times === 1 ? "once" : `${times.toLocaleString("en")} times`}`
      : times === 1
        ? "the next request"
        : `the next ${counted(times, "request")}`;
  return skip > 0 ? `after ${counted(skip, "request")}: ${next}` : next;
};

function Add({ onDone }) {
  const { vendors } = useVendor();
  const [form, setForm] = useState({
    vendor: "", operation: "", kind: "status", status: "503", error: "", skip: "", times: "1", share: "", delay: "", longest: "",
  });
  const [refused, setRefused] = useState(null);
  const spec = useSpec(form.vendor || undefined);
  const set = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const add = async (event) => {
    event.preventDefault();
    const fault = {};
    if (form.vendor) fault.vendor = form.vendor;
    if (form.operation) fault.operation = form.operation;
    if (form.skip) fault.skip = Number(form.skip);
    if (form.times) fault.times = Number(form.times);
    if (form.share) fault.share = Number(form.share) / 100;
    if (form.delay) fault.delay = form.longest ? { from: form.delay, to: form.longest } : form.delay;
    if (form.kind === "status") fault.fault = { status: Number(form.status) };
    else if (form.kind === "error") fault.fault = { error: form.error };
    else if (form.kind !== "none") fault.fault = form.kind;
    try {
      await call("POST", "faults", fault);
      setRefused(null);
      onDone();
    } catch (error) {
      setRefused(error);
    }
  };
  return (
    <section class="card wide" aria-labelledby="new-fault">
      <h2 id="new-fault">Add a fault</h2>
      {refused && <Wrong error={refused} />}
      <form class="grid" onSubmit={add}>
        <label>
          <span class="label">For requests of</span>
          <select value={form.vendor} onChange={(event) => setForm({ ...form, vendor: event.target.value, operation: "" })}>
            <option value="">any vendor</option>
            {vendors.map((one) => (
              <option key={one.name}>{one.name}</option>
            ))}
          </select>
        </label>
        <label>
          <span class="label">Operation</span>
          <select value={form.operation} disabled={!form.vendor} onChange={set("operation")}>
            <option value="">any operation</option>
            {form.vendor && spec.value?.operations.map((one) => <option key={one.operationId}>{one.operationId}</option>)}
          </select>
        </label>
        <label>
          <span class="label">What goes wrong</span>
          <select value={form.kind} onChange={set("kind")}>
            {Object.entries(KINDS).map(([kind, words]) => (
              <option key={kind} value={kind}>
                {words}
              </option>
            ))}
          </select>
        </label>
        {form.kind === "status" && (
          <label>
            <span class="label">Status</span>
            <input type="number" min="400" max="599" required value={form.status} onInput={set("status")} />
          </label>
        )}
        {form.kind === "error" && (
          <label>
            <span class="label">Error</span>
            {form.vendor && spec.value ? (
              <select required value={form.error} onChange={set("error")}>
                <option value=""></option>
                {spec.value.errors.map((one) => (
                  <option key={one.name} value={one.name}>
                    {one.name} ({one.status})
                  </option>
                ))}
              </select>
            ) : (
              <input type="text" required value={form.error} onInput={set("error")} />
            )}
          </label>
        )}
        <label>
          <span class="label">Skip this many first</span>
          <input type="number" min="0" placeholder="0" value={form.skip} onInput={set("skip")} />
        </label>
        <label>
          <span class="label">Affect this many</span>
          <input type="number" min="1" placeholder="all" value={form.times} onInput={set("times")} />
        </label>
        <label>
          <span class="label">Share of them, in %</span>
          <input type="number" min="0" max="100" step="any" placeholder="100" value={form.share} onInput={set("share")} />
        </label>
        <label>
          <span class="label">Delay</span>
          <input type="text" placeholder="PT2S" required={form.kind === "none"} value={form.delay} onInput={set("delay")} />
        </label>
        <label>
          <span class="label">… up to</span>
          <input type="text" placeholder="always the same" disabled={!form.delay} value={form.longest} onInput={set("longest")} />
        </label>
        <footer>
          <button type="submit" class="main">
            Add the fault
          </button>
        </footer>
      </form>
    </section>
  );
}

export function Faults() {
  const { value: faults, error, reload } = useFresh(() => call("GET", "faults"), []);
  const remove = (id) =>
    attempt(async () => {
      await call("DELETE", path("faults", ...(id === undefined ? [] : [id])));
      await reload();
    });
  return (
    <div class="cards">
      {error && <Wrong error={error} />}
      <Add onDone={reload} />
      <section class="card wide" aria-labelledby="faults">
        <h2 id="faults">Faults of this session</h2>
        {faults?.length === 0 && <Nothing>No faults are set.</Nothing>}
        {faults?.length > 0 && (
          <>
            <Wide label="Faults of this session">
              <table>
                <thead>
                  <tr>
                    <th scope="col">For</th>
                    <th scope="col">When</th>
                    <th scope="col">What goes wrong</th>
                    <th scope="col">Requests affected</th>
                    <th scope="col">
                      <span class="hidden">Remove</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {faults.map((one, at) => (
                    <tr key={one.id ?? `spec ${at}`} class={one.usedUp ? "quiet" : ""}>
                      <td>{whose(one)}</td>
                      <td>{one.usedUp ? <span class="tag">used up</span> : when(one)}</td>
                      <td>{said(one)}</td>
                      <td>{one.befell?.toLocaleString("en")}</td>
                      <td>
                        {one.id === null ? (
                          "from the spec"
                        ) : (
                          <button type="button" onClick={() => remove(one.id)} aria-label={`Remove fault ${one.id}`}>
                            Remove
                          </button>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Wide>
            <div class="actions">
              <button type="button" onClick={() => remove()}>
                Remove all faults
              </button>
            </div>
          </>
        )}
      </section>
    </div>
  );
}
