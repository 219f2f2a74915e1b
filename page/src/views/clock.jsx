// The session's time, and the settings of its accounts.

import { useEffect, useState } from "preact/hooks";
import { call, path, session } from "../data/api.js";
import { same } from "../data/json.js";
import { useFresh } from "../data/live.js";
import { Confirm } from "../parts/dialog.jsx";
import { Field, read, written } from "../parts/fields.jsx";
import { attempt } from "../parts/told.jsx";
import { useSpec, useVendor } from "../parts/vendor.jsx";
import { Wrong } from "../parts/words.jsx";

const STEPS = [
  ["PT1M", "1 minute"],
  ["PT1H", "1 hour"],
  ["P1D", "1 day"],
  ["P7D", "1 week"],
  ["P30D", "30 days"],
];

/** The time as it goes on, between two times that the mock told. */
function useTicking(clock) {
  const [now, setNow] = useState(null);
  useEffect(() => {
    if (!clock) return undefined;
    const told = Date.parse(clock.now);
    const at = Date.now();
    const draw = () => setNow(new Date(clock.frozen ? told : told + Date.now() - at));
    draw();
    if (clock.frozen) return undefined;
    const timer = setInterval(draw, 1000);
    return () => clearInterval(timer);
  }, [clock]);
  return now?.toISOString().replace(/\.\d+Z$/, "Z");
}

function Clock() {
  const { value: clock, error, reload } = useFresh(() => call("GET", "clock"), []);
  const [time, setTime] = useState("");
  const [by, setBy] = useState("");
  const now = useTicking(clock);
  const act = (method, call_, body, done) =>
    attempt(async () => {
      await call(method, call_, body);
      await reload();
    }, done);
  return (
    <section class="card" aria-labelledby="clock">
      <h2 id="clock">Clock</h2>
      {error && <Wrong error={error} />}
      <p class="now">
        <time>{now}</time>{" "}
        {clock && <span class={clock.frozen ? "tag changed" : "tag"}>{clock.frozen ? "frozen" : "running"}</span>}
      </p>
      <div class="actions">
        <button
          type="button"
          disabled={!clock}
          onClick={() => act("PUT", "clock", { frozen: !clock.frozen })}
        >
          {clock?.frozen ? "Resume" : "Freeze"}
        </button>
        {STEPS.map(([step, name]) => (
          <button key={step} type="button" onClick={() => act("POST", "clock/advance", { by: step })}>
            + {name}
          </button>
        ))}
      </div>
      <form
        class="line"
        onSubmit={(event) => {
          event.preventDefault();
          act("POST", "clock/advance", { by }, `Moved by ${by}`);
        }}
      >
        <label>
          <span class="label">Move by</span>{" "}
          <input
            type="text"
            required
            placeholder="PT36H, or -P1D"
            value={by}
            onInput={(event) => setBy(event.target.value)}
          />
        </label>
        <button type="submit">Move</button>
      </form>
      <form
        class="line"
        onSubmit={(event) => {
          event.preventDefault();
          act("PUT", "clock", { now: time }, `It is ${time}`);
        }}
      >
        <label>
          <span class="label">Set to</span>{" "}
          <input
            type="text"
            required
            placeholder={now}
            value={time}
            onInput={(event) => setTime(event.target.value)}
          />
        </label>
        <button type="submit">Set</button>
      </form>
    </section>
  );
}

function Settings({ vendor }) {
  const spec = useSpec(vendor);
  const place = `${path("state", vendor)}/settings`;
  const { value: settings, error, reload } = useFresh(() => call("GET", place), [vendor]);
  const [texts, setTexts] = useState({});
  const [refused, setRefused] = useState(null);
  const known = spec.value?.settings ?? [];
  if (known.length === 0 || !settings) return error ? <Wrong error={error} /> : null;
  const textOf = ({ name, schema }) => texts[name] ?? written(settings[name], schema);
  const changed = known
    .map((one) => [one.name, read(textOf(one), one.schema, settings[one.name])])
    .filter(([name, value]) => value !== undefined && !same(value, settings[name]));
  const keep = async (event) => {
    event.preventDefault();
    try {
      await call("PUT", place, Object.fromEntries(changed));
      setTexts({});
      setRefused(null);
      await reload();
      attempt(() => {}, `Settings of ${vendor} saved`);
    } catch (error) {
      setRefused(error);
    }
  };
  return (
    <section class="card" aria-labelledby={`settings-${vendor}`}>
      <h2 id={`settings-${vendor}`}>Settings of {vendor}</h2>
      {refused && <Wrong error={refused} />}
      <form class="settings" onSubmit={keep}>
        {known.map((one) => (
          <Field
            key={one.name}
            name={one.name}
            schema={one.schema}
            text={textOf(one)}
            onText={(text) => setTexts({ ...texts, [one.name]: text })}
          />
        ))}
        <footer>
          <button type="submit" class="main" disabled={changed.length === 0}>
            Save
          </button>
        </footer>
      </form>
    </section>
  );
}

function Reset() {
  const [asked, setAsked] = useState(false);
  const reset = () => attempt(() => call("POST", "reset"), "The session starts over");
  return (
    <section class="card" aria-labelledby="reset">
      <h2 id="reset">Start over</h2>
      <p>Rows, outbox, journal, sequences, settings, faults and clock as they were at the start.</p>
      <div class="actions">
        <button type="button" class="danger" onClick={() => setAsked(true)}>
          Reset the session
        </button>
      </div>
      {asked && (
        <Confirm
          title={`Reset ${session === "" ? "the default session" : `@${session}`}?`}
          action="Reset"
          onConfirm={reset}
          onClose={() => setAsked(false)}
        >
          <p>All that happened in it is forgotten.</p>
        </Confirm>
      )}
    </section>
  );
}

export function ClockAndSettings() {
  const { vendors, error } = useVendor();
  return (
    <div class="cards">
      {error && <Wrong error={error} />}
      <Clock />
      {vendors.map((vendor) => (
        <Settings key={vendor.name} vendor={vendor.name} />
      ))}
      <Reset />
    </div>
  );
}
