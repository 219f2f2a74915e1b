// The control plane of the session whose page this is.

import { parse } from "./json.js";

const PLACE = /^(?:\/(?:@|%40)([^/]*))?\/_counterpart/i;
const TOKEN = "counterpart-token";

/** The name of the session, empty for the default one. */
export const session = decodeURIComponent(location.pathname.match(PLACE)?.[1] ?? "");

/** What the paths of a session begin with. */
export const prefixOf = (name) => (name === "" ? "" : `/@${encodeURIComponent(name)}`);

/** What the paths of the session begin with. */
export const prefix = prefixOf(session);

/** A call that was refused. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? `The mock answered ${status}.`);
    this.status = status;
    this.violations = problem?.violations ?? [];
  }
}

const token = {
  get: () => sessionStorage.getItem(TOKEN),
  keep: (text) => sessionStorage.setItem(TOKEN, text),
};
let askForToken = () => {};

/** Says who asks for the token when one is needed. */
export const onTokenNeeded = (ask) => {
  askForToken = ask;
};

/** Keeps the token for as long as the tab is open, and begins anew with it. */
export const showToken = (text) => {
  token.keep(text);
  location.reload();
};

/** Whether a token was shown already, which then was the wrong one. */
export const hasToken = () => token.get() !== null;

/** Calls the control plane; gives the response when it is not a refusal. */
export async function request(method, path, body, more = {}) {
  const headers = {};
  if (token.get() !== null) headers.Authorization = `Bearer ${token.get()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  headers.Accept = more.accept ?? "application/json";
  const response = await fetch(`${prefix}/_counterpart/${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    // Nothing but the token counts, and the browser does not ask for a password of its own.
    credentials: "omit",
    cache: "no-store",
    signal: more.signal,
  });
  if (response.status === 401) askForToken();
  if (!response.ok) {
    const problem = await response.text().then(parse).catch(() => null);
    throw new Refused(response.status, problem);
  }
  return response;
}

/** Calls the control plane; gives what it answers, if anything. */
export async function call(method, path, body) {
  const response = await request(method, path, body);
  const text = await response.text();
  return text === "" ? undefined : parse(text);
}

/** A path of these segments. */
export const path = (...segments) => segments.map(encodeURIComponent).join("/");

/** Events as they come, at most so many requests a second; ends or fails with the connection. */
export async function* events(most, signal) {
  const response = await request("GET", `events?most=${most}`, undefined, { accept: "text/event-stream", signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (text + value).split("\n\n");
    text = blocks.pop();
    const batch = blocks.flatMap((block) => {
      const data = block.match(/^data: (.*)$/m);
      return data ? [parse(data[1])] : [];
    });
    yield batch;
  }
}
