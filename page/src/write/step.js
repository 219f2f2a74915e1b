// A request of the journal as a step of a scenario.

import { inline, isObject, parse, same } from "../data/json.js";
import { yaml } from "./yaml.js";

/** Fields that clients and connections send by themselves. */
const OWN = new Set([
  "host", "content-length", "connection", "transfer-encoding", "user-agent", "accept",
  "accept-encoding", "accept-language", "content-type", "authorization", "origin", "referer", "cookie",
  "proxy-authorization", "expect",
]);
const isOwn = (name) => OWN.has(name) || name.startsWith("sec-");

/** A text in which nothing is an expression. */
const literal = (text) => text.replaceAll("${", () => "$${");

/** A tree in which nothing is an expression, and no name a matcher. */
function tree(value) {
  if (typeof value === "string") return literal(value);
  if (Array.isArray(value)) return value.map(tree);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name.startsWith("$") ? `$${name}` : name,
    tree(member),
  ]);
  return Object.fromEntries(members);
}

const json = (message) => {
  if (!/\bjson\b/.test(inline(message.headers["content-type"]))) return undefined;
  try {
    return parse(message.body);
  } catch {
    return undefined;
  }
};

/** What stands in the place of each parameter of a path; null where it is another path. */
function match(template, path) {
  const names = [];
  const pattern = template.replace(/\{(\w+)\}|[.*+?^$()[\]\\|]/g, (found, name) => {
    if (name === undefined) return `\\${found}`;
    names.push(name);
    return "([^/]+)";
  });
  const found = path.match(new RegExp(`^${pattern}$`));
  return found && Object.fromEntries(names.map((name, at) => [name, decode(found[at + 1])]));
}

const decode = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** The path below the vendor's base path, and the query. */
function target(one, service) {
  const [whole, query = ""] = one.request.url.replace(/^[a-z]+:\/\/[^/]*/, "").split(/\?(.*)/s);
  const below = whole.replace(/^\/(?:@|%40)[^/]*/i, "");
  const bases = service.servers.map((server) => `/${service.name}${server.basePath}`);
  const base = bases.sort((a, b) => b.length - a.length).find((known) => below.startsWith(known));
  return { path: base === undefined ? below : below.slice(base.length), query };
}

/** The step calls the operation where the spec can say the request; null where it can't. */
function asCall(one, service) {
  const operation = service.operations.find((known) => known.operationId === one.operation);
  if (!operation) return null;
  const { path, query } = target(one, service);
  const bindings = operation.bindings.filter((binding) => !binding.soap);
  const binding = bindings.find((known) => known.method === one.request.method && match(known.path, path));
  if (!binding) return null;
  // A key that is hidden is shown by the file.
  const pairs = [...new URLSearchParams(query)].filter(([, value]) => value !== "***");
  const names = operation.parameters.filter((parameter) => parameter.in === "query").map((one) => one.name);
  const once = new Set(pairs.map(([name]) => name)).size === pairs.length;
  if (!once || pairs.some(([name]) => !names.includes(name))) return null;
  const given = {};
  const inPath = match(binding.path, path);
  if (Object.keys(inPath).length > 0) given.path = tree(inPath);
  if (pairs.length > 0) given.query = tree(Object.fromEntries(pairs));
  const known = operation.parameters.filter((parameter) => parameter.in === "header");
  const headers = Object.entries(one.request.headers).filter(([name, value]) =>
    known.some((parameter) => parameter.name.toLowerCase() === name) && inline(value) !== "***");
  if (headers.length > 0) given.headers = tree(Object.fromEntries(headers));
  if (one.request.bodyBase64 !== undefined) return null;
  if (one.request.body) {
    const body = json(one.request);
    if (body === undefined || !operation.requestBody) return null;
    given.body = tree(body);
  }
  const step = { call: one.operation };
  if (operation.bindings.indexOf(binding) > 0) step.binding = `${binding.method} ${binding.path}`;
  if (Object.keys(given).length > 0) step.with = given;
  return step;
}

/** The pairs of a query or a form without the keys that are hidden, which the file shows. */
const shownPairs = (text) =>
  text
    .split("&")
    .filter((pair) => decode(pair.split(/=(.*)/s)[1] ?? "") !== "***")
    .join("&");

const isForm = (message) =>
  inline(message.headers["content-type"]).toLowerCase().startsWith("application/x-www-form-urlencoded");

function asRequest(one, service) {
  const { path, query: sent } = target(one, service);
  const query = shownPairs(sent);
  const request = { method: one.request.method, path: literal(query ? `${path}?${query}` : path) };
  const headers = Object.entries(one.request.headers).filter(
    ([name, value]) => (name === "content-type" || !isOwn(name)) && !inline(value).includes("***"),
  );
  if (headers.length > 0) {
    request.headers = tree(Object.fromEntries(headers.map(([name, value]) => [name, [value].flat().join(", ")])));
  }
  if (one.request.bodyBase64 !== undefined) {
    request.base64 = one.request.bodyBase64;
  } else if (one.request.body) {
    request.text = literal(isForm(one.request) ? shownPairs(one.request.body) : one.request.body);
  }
  return { request };
}

/** What came back as it was sent, which is all of an answer that is the same each time. */
function echoed(one) {
  const [sent, got] = [json(one.request), json(one.response)];
  if (!isObject(sent) || !isObject(got)) return {};
  const names = Object.keys(got).filter((name) => name in sent && same(sent[name], got[name]));
  return Object.fromEntries(names.map((name) => [name, got[name]]));
}

/** Whether a request had a key of that scheme. */
function isShown(scheme, request) {
  const header = scheme.type === "apiKey" ? scheme.in === "header" && scheme.key : "authorization";
  if (header) return inline(request.headers[header.toLowerCase()] ?? "").includes("***");
  const query = request.url.split(/\?(.*)/s)[1] ?? "";
  return new URLSearchParams(query).get(scheme.key) === "***";
}

/** The step for a request that was asked of that vendor, whose spec is `service`. */
export function step(one, service) {
  const made = asCall(one, service) ?? asRequest(one, service);
  if (service.securitySchemes.length > 0 && one.response.status === 401) {
    const wanted = service.operations.find((known) => known.operationId === one.operation)?.security.flat();
    const shown = service.securitySchemes.filter(
      (scheme) => (wanted?.includes(scheme.name) ?? true) && isShown(scheme, one.request),
    );
    // The journal has not kept a key that nobody knows.
    if (shown.length > 0) made.authenticate = Object.fromEntries(shown.map(({ name }) => [name, "wrong-key"]));
    else if (!JSON.stringify(one.request).includes("***")) made.authenticate = "none";
  }
  const expect = { status: one.response.status };
  const rule = one.rule?.slice(service.name.length + 1);
  if (one.response.status >= 400 && service.statements.some((known) => known.id === rule)) expect.rule = rule;
  const includes = tree(echoed(one));
  if (one.response.status < 300 && Object.keys(includes).length > 0) expect.includes = includes;
  const isOfMock = inline(one.response.headers["content-type"]).startsWith("application/problem+json");
  // Where the spec says nothing, the mock answers by itself.
  return { ...made, expect, ...(isOfMock && { allowUndocumented: true }) };
}

/** The step as a list of one, which scenarios can include. */
export const asSteps = (made) => yaml([made]);

/** The step in a file of its own, with the keys that calls show. */
export const asFile = (made, one, keys) =>
  yaml({
    counterpart: 1,
    vendor: one.vendor,
    ...(Object.keys(keys).length > 0 && { authenticate: tree(keys) }),
    scenarios: [{ name: `${one.operation ?? one.request.method} answers ${one.response.status}`, steps: [made] }],
  });
