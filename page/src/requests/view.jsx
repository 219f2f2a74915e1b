// The requests as they come, and one of them in full.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ofSessions, useFresh, useLive } from "../data/live.js";
import { go } from "../data/route.js";
import { Rows } from "../parts/rows.jsx";
import { counted, duration, Nothing, outcome, Status, timeOfDay } from "../parts/words.jsx";
import { call, prefix } from "../data/api.js";
import { Detail } from "./detail.jsx";

const isRefused = (one) => outcome(one.status, one.reason) === "refused";

const OUTCOMES = {
  all: () => true,
  answered: (one) => !isRefused(one) && one.status < 500,
  refused: (one) => isRefused(one),
  failed: (one) => one.status >= 500,
  faults: (one) => one.fault !== null,
  forwarded: (one) => Boolean(one.forwarded),
};

const NARROW = matchMedia("(max-width: 760px)");
/** Where a list beside a request has no place for all of it in one line. */
const NARROW_BESIDE = matchMedia("(max-width: 1700px)");

function useMatch(query) {
  const [, draw] = useState(0);
  useEffect(() => {
    const look = () => draw((count) => count + 1);
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, [query]);
  return query.matches;
}

const withoutSession = (path) => (path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path);

/** Tells a request from one that has its id after the session went back. */
const traitsOf = (one) => `${one.id} ${one.method} ${one.path} ${one.durationMicroseconds}`;

function Line({ one, inTwo }) {
  const why = ((one.status >= 400 || one.reason) && one.rule) || (one.fault && !one.reason && `fault: ${one.fault}`);
  return (
    <>
      <span class="time">{timeOfDay(one.time)}</span>
      <Status of={one.status} reason={one.reason} />
      <span class="method">{one.method}</span>
      <span class="path" title={one.path}>
        {withoutSession(one.path)}
      </span>
      <span class="operation" title={one.forwarded ?? undefined}>
        {one.operation}
        {one.forwarded && <span class="tag">real vendor</span>}
      </span>
      <span class={`why ${outcome(one.status, one.reason)}`} title={one.reason ?? undefined}>
        {one.forwarded && <span class="tag">real vendor</span>}
        {why && <code>{why}</code>} {one.reason}
        {inTwo && !why && !one.reason && one.operation}
      </span>
      <span class="duration">{duration(one.durationMicroseconds)}</span>
    </>
  );
}

/** Says which requests are not in the list although they were answered. */
function Missing() {
  const { value } = useFresh(() => call("GET", "requests/missing"), [], ofSessions);
  return value?.map((gap) => (
    <p class="missing" role="status" key={`${gap.replica} ${gap.from}`}>
      Requests may be missing here, of those that only read and were answered from{" "}
      {timeOfDay(gap.from)} to {timeOfDay(gap.until)}: replica <code>{gap.replica}</code> ended before
      it told of them.
    </p>
  ));
}

export function Requests({ chosen }) {
  const { requests, loaded, coming, elsewhere } = useLive();
  const inTwo = useMatch(chosen === null ? NARROW : NARROW_BESIDE);
  const [search, setSearch] = useState("");
  const [vendor, setVendor] = useState("");
  const [wanted, setWanted] = useState("all");
  const [held, setHeld] = useState(null);
  const field = useRef(null);
  const heading = useRef(null);

  const all = held ?? requests;
  const last = all.at(-1);
  const shown = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const passes = OUTCOMES[wanted];
    const found = all.filter(
      (one) =>
        passes(one) &&
        (vendor === "" || one.vendor === vendor) &&
        words.every((word) => one.text.includes(word)),
    );
    return found.reverse();
  }, [all, all.length, last, search, vendor, wanted]);
  const vendors = useMemo(
    () => [...new Set(all.map((one) => one.vendor).filter(Boolean))].sort(),
    [all, all.length, last],
  );

  useEffect(() => {
    const onKey = (event) => {
      const writes = event.target.closest("input, textarea, select, dialog");
      if (event.key === "/" && !writes && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        field.current.focus();
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  // What made room for newer ones stays as it was last seen.
  const shownAs = useRef(null);
  const known = chosen === null ? undefined : requests.findLast((one) => one.id === chosen);
  if (known) shownAs.current = traitsOf(known);
  else if (!shownAs.current?.startsWith(`${chosen} `)) shownAs.current = `${chosen} `;

  const choose = (one) => go(["requests", one.id], { replace: chosen !== null });
  const close = () => {
    go(["requests"]);
    document.querySelector(".rows")?.focus();
  };
  const isFiltered = search !== "" || vendor !== "" || wanted !== "all";

  const parts = ["requests", chosen !== null && "with-detail", inTwo && "in-two"].filter(Boolean);
  return (
    <div class={parts.join(" ")}>
      <section class="list" aria-label="Requests">
        <div class="bar">
          <input
            ref={field}
            type="search"
            class="search"
            placeholder="Search path, rule, status …"
            title="Press / to search"
            aria-label="Search requests"
            value={search}
            onInput={(event) => setSearch(event.target.value)}
          />
          <select
            aria-label="Outcome"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          >
            <option value="all">all outcomes</option>
            <option value="answered">answered</option>
            <option value="refused">refused</option>
            <option value="failed">failed (5xx)</option>
            <option value="faults">with a fault</option>
            <option value="forwarded">real vendor</option>
          </select>
          {vendors.length > 1 && (
            <select
              aria-label="Vendor"
              value={vendor}
              onChange={(event) => setVendor(event.target.value)}
            >
              <option value="">all vendors</option>
              {vendors.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
          <button
            type="button"
            aria-pressed={held !== null}
            onClick={() => setHeld(held ? null : [...requests])}
          >
            {held ? "Resume" : "Pause"}
          </button>
          <span class="count" role="status">
            {isFiltered
              ? `${shown.length.toLocaleString("en")} of ${counted(all.length, "request")}`
              : counted(all.length, "request")}
          </span>
          {coming > 0 && held === null && (
            <span class="coming">{coming.toLocaleString("en")} more are coming</span>
          )}
        </div>
        <Missing />
        {shown.length > 0 ? (
          <Rows
            items={shown}
            height={inTwo ? 46 : 26}
            chosen={chosen}
            idOf={(one) => one.id}
            onChoose={choose}
            onEnter={() => heading.current?.focus()}
            label="Requests, newest first"
          >
            {(one) => <Line one={one} inTwo={inTwo} />}
          </Rows>
        ) : (
          <Nothing>
            {!loaded ? (
              <p>Reading the journal …</p>
            ) : isFiltered && all.length > 0 ? (
              <p>No request fits that search.</p>
            ) : (
              <>
                <p>No requests yet. They appear here as they come.</p>
                {elsewhere > 0 && (
                  <p>
                    {counted(elsewhere, "request")} came in <a href="#/sessions">other sessions</a>.
                  </p>
                )}
                <p>
                  <a href="#/send">Send one</a>, or point your client at a vendor of{" "}
                  <a href="#/spec">the specs</a>.
                </p>
              </>
            )}
          </Nothing>
        )}
      </section>
      {chosen !== null && <Detail key={shownAs.current} id={chosen} heading={heading} onClose={close} />}
    </div>
  );
}
