// What happens: the newest requests of the session, and word of all other changes.

import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { call, events, session } from "./api.js";

/** As many as the journal holds. */
const MOST = 10_000;
/** How long a tab that nobody sees stays connected; a browser has six connections to a host. */
const UNSEEN = 20_000;
/** So many requests a second are told as they come; more cannot be read, and cost the mock. */
const FASTEST = 300;
/** How often what is shown changes at most. */
const PACE = 100;

/** What is known now; `useLive` tells a component when it changes. */
export const live = {
  /** The requests, oldest first. */
  requests: [],
  /** `connecting`, `live`, `lost` or `paused`. */
  connection: "connecting",
  /** How many requests came too fast to be told, and are not read yet. */
  coming: 0,
  /** Whether the journal was read once. */
  loaded: false,
  /** Grows with each change that is no request. */
  changes: 0,
  /** Grows when specs may have changed. */
  specs: 0,
  /** Grows when something happened in another session. */
  elsewhere: 0,
  /** Specs that could not be loaded again, if the last time they couldn't. */
  mistakes: null,
};

const listeners = new Set();
let timer = null;

function tell() {
  timer ??= setTimeout(() => {
    timer = null;
    for (const listener of listeners) listener();
  }, PACE);
}

/** How long nothing is asked again that took so long: long beside it, but nobody waits for ever. */
const pause = (least, took) => Math.min(10_000, Math.max(least, 25 * took));

/** Draws the component anew when something happened. */
export function useLive() {
  const [, draw] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    listeners.add(draw);
    draw();
    return () => listeners.delete(draw);
  }, []);
  return live;
}

/**
 * What `load` gives, again after each change of the session, but never so often that asking is
 * more than a small share of what the mock does. `stamp` tells by another value that something
 * changed.
 */
export function useFresh(load, dependencies, stamp = all) {
  const [state, setState] = useState({ value: undefined, error: null });
  const again = useRef(() => {});
  useEffect(() => {
    let ended = false;
    let running = false;
    let wanted = false;
    let rest = 0;
    let seen = stamp();
    const read = async () => {
      if (running) {
        wanted = true;
        return;
      }
      running = true;
      wanted = false;
      seen = stamp();
      const began = performance.now();
      let next;
      try {
        next = { value: await load(), error: null };
      } catch (error) {
        next = (before) => ({ value: before.value, error });
      }
      const took = performance.now() - began;
      if (ended) return;
      setState(next);
      rest = performance.now() + pause(500, took);
      running = false;
      if (wanted) read();
    };
    const look = () => {
      if (stamp() !== seen && performance.now() >= rest) read();
    };
    const clock = setInterval(look, 250);
    again.current = read;
    setState({ value: undefined, error: null });
    read();
    return () => {
      ended = true;
      clearInterval(clock);
    };
  }, dependencies);
  return { ...state, reload: () => again.current() };
}

const all = () => `${live.changes} ${live.requests.at(-1)?.id} ${live.requests.length}`;

/** What happens in all sessions, and what only time changes. */
export const ofSessions = () => `${all()} ${live.elsewhere} ${Math.floor(Date.now() / 5000)}`;

/** Changes of the specs alone. */
export const ofSpecs = () => live.specs;

const text = (one) =>
  [one.method, one.path, one.status, one.vendor, one.operation, one.rule, one.reason, one.fault, one.forwarded]
    .join(" ")
    .toLowerCase();

const known = (one) => ({ ...one, text: text(one) });

function add(one) {
  const { requests } = live;
  for (const told of since) told.push(one);
  let at = requests.length;
  while (at > 0 && requests[at - 1].id >= one.id) at -= 1;
  const replaced = requests[at]?.id === one.id ? 1 : 0;
  requests.splice(at, replaced, known(one));
  if (one.id === whole + 1) whole = one.id;
}

function trim() {
  if (live.requests.length > MOST) live.requests.splice(0, live.requests.length - MOST);
  live.coming = Math.min(MOST, Math.max(0, lacking() - lackedAtFirst));
}

/** Up to this id the journal has no request that the list lacks. */
let whole = 0;
/** How many ids the list lacked when it was read. */
let lackedAtFirst = 0;

const lacking = () => {
  const { requests } = live;
  return requests.length === 0 ? 0 : requests.at(-1).id - requests[0].id + 1 - requests.length;
};

/** What has been told since the journal was asked, for each time that it is being read. */
const since = new Set();

let reading = Promise.resolve();

/** Reads the journal, or what of it came after a request; one reading after the other. */
function reload(after = 0) {
  const next = reading.then(() => read(Math.min(after, whole)));
  reading = next.catch(() => {});
  return next;
}

async function read(after) {
  const told = [];
  since.add(told);
  try {
    const requests = await call("GET", `requests?short=true&limit=${MOST}&after=${after}`);
    const before = live.requests.findIndex((one) => one.id > after);
    live.requests.splice(before < 0 ? live.requests.length : before, MOST, ...requests.map(known));
    whole = requests.at(-1)?.id ?? after;
    lackedAtFirst = lacking();
  } finally {
    since.delete(told);
  }
  // The answer may be older than these.
  told.forEach(add);
  trim();
  live.loaded = true;
  tell();
}

/** Before then the journal is not read again only because some requests were not told. */
let rest = 0;
let waits = null;
let behind = false;

/** Reads what was not told, once it is no burden: after a while that is long beside the reading. */
function catchUp() {
  behind = true;
  waits ??= setTimeout(async () => {
    const began = performance.now();
    behind = false;
    await reload(whole).catch(() => {
      behind = true;
    });
    rest = performance.now() + pause(1000, performance.now() - began);
    waits = null;
    // More was missed while the journal was read.
    if (behind) catchUp();
  }, Math.max(300, rest - performance.now()));
}

/** Notes what happened; gives whether the journal has to be read anew. */
function take(event) {
  switch (event.event) {
    case "request":
      if (event.session === session) add(event);
      else live.elsewhere += 1;
      return false;
    case "changed":
      live.changes += 1;
      return event.session === session && /^POST (reset|rewind)/.test(event.call);
    case "outbox":
      live.changes += 1;
      return false;
    case "reload":
      live.changes += 1;
      live.specs += 1;
      live.mistakes = event.loaded ? null : event.mistakes;
      return false;
    case "missed":
      catchUp();
      return false;
    default:
      return false;
  }
}

/** Listens for as long as the page is open. */
export async function listen() {
  for (let wait = 500; ; wait = Math.min(2 * wait, 10_000)) {
    await seen();
    const stop = new AbortController();
    const unseen = whenUnseen(() => stop.abort());
    try {
      for await (const batch of events(FASTEST, stop.signal)) {
        if (live.connection !== "live") {
          live.connection = "live";
          wait = 500;
          live.changes += 1;
          live.specs += 1;
          tell();
          await reload();
        }
        if (batch.map(take).some(Boolean)) await reload();
        trim();
        tell();
      }
    } catch {
      // Said by the state of the connection.
    }
    unseen();
    live.connection = stop.signal.aborted ? "paused" : "lost";
    tell();
    if (!stop.signal.aborted) await new Promise((done) => setTimeout(done, wait));
  }
}

/** Waits until somebody sees the page. */
function seen() {
  const isSeen = () => !document.hidden && !left;
  if (isSeen()) return Promise.resolve();
  return new Promise((done) => {
    const look = () => {
      if (!isSeen()) return;
      document.removeEventListener("visibilitychange", look);
      removeEventListener("pageshow", look);
      done();
    };
    document.addEventListener("visibilitychange", look);
    addEventListener("pageshow", look);
  });
}

/**
 * Whether somebody has gone on to another page. Browsers keep this one for a while, should they come
 * back, and with it a connection of the few that there are to a host.
 */
let left = false;
addEventListener("pagehide", () => {
  left = true;
});
addEventListener("pageshow", () => {
  left = false;
});

/** Acts once nobody has seen the page for a while; gives what ends that. */
function whenUnseen(act) {
  let timer = null;
  const look = () => {
    clearTimeout(timer);
    timer = document.hidden ? setTimeout(act, UNSEEN) : null;
  };
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", act);
  look();
  return () => {
    clearTimeout(timer);
    removeEventListener("pagehide", act);
    document.removeEventListener("visibilitychange", look);
  };
}
