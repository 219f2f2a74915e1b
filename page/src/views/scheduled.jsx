// What the vendors do later by themselves.

import { call, path } from "../data/api.js";
import { inline } from "../data/json.js";
import { ofSessions, useFresh } from "../data/live.js";
import { go, to } from "../data/route.js";
import { attempt } from "../parts/told.jsx";
import { useVendor, VendorChoice } from "../parts/vendor.jsx";
import { Wide } from "../parts/wide.jsx";
import { counted, moment, Nothing, Wrong } from "../parts/words.jsx";

const UNITS = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** How long it is until then, in its largest unit. */
const until = (at, now) => {
  const seconds = Math.max(0, Math.ceil((Date.parse(at) - Date.parse(now)) / 1000));
  const [size, unit] = UNITS.find(([size]) => seconds >= size) ?? UNITS.at(-1);
  return seconds === 0 ? "now" : `in ${counted(Math.floor(seconds / size), unit)}`;
};

const countWaiting = async (vendor) => (await call("GET", path("schedule", vendor))).length;

export function Scheduled({ vendor: named }) {
  const { vendors, vendor, error } = useVendor(named, countWaiting);
  const load = async () => {
    if (!vendor) return undefined;
    const [waiting, clock] = await Promise.all([call("GET", path("schedule", vendor)), call("GET", "clock")]);
    return { waiting, clock };
  };
  const { value, error: failed, reload } = useFresh(load, [vendor], ofSessions);
  const run = (one) =>
    attempt(async () => {
      await call("PUT", "clock", { now: one.at });
      await reload();
    }, `It is ${moment(one.at)}: ${one.operation} ran`);
  const waiting = value?.waiting ?? [];
  return (
    <>
      <div class="bar">
        <VendorChoice vendors={vendors} vendor={vendor} onChoose={(name) => go(["scheduled", name])} />
        <span class="count" role="status">
          {value && `${counted(waiting.length, "operation")} to run`}
        </span>
        {value && <span class="quiet">It is {moment(value.clock.now)} in this session</span>}
      </div>
      {(error ?? failed) && <Wrong error={error ?? failed} />}
      {value && waiting.length === 0 && (
        <Nothing>
          <p>{vendor} has nothing to do later in this session.</p>
        </Nothing>
      )}
      {waiting.length > 0 && (
        <Wide label="Operations to run, the next one first">
          <table>
            <thead>
              <tr>
                <th scope="col">Due</th>
                <th scope="col">Operation</th>
                <th scope="col">Parameters</th>
                <th scope="col">
                  <span class="hidden">Run</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {waiting.map((one) => (
                <tr key={one.id}>
                  <td>
                    <time dateTime={one.at}>{moment(one.at)}</time>{" "}
                    <span class="quiet">{until(one.at, value.clock.now)}</span>
                  </td>
                  <td>
                    <a href={to("spec", vendor, one.operation)}>{one.operation}</a>
                  </td>
                  <td>
                    <code>{inline(one.parameters)}</code>
                  </td>
                  <td>
                    <button
                      type="button"
                      aria-label={`Run now: ${one.operation}`}
                      title="Moves the clock of the session to when it is due, with all that is due before"
                      onClick={() => run(one)}
                    >
                      Run now
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
    </>
  );
}
