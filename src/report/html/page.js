"use strict";
// Everything that comes from the run is put in as text, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const states = ["passed", "failed", "flaky", "skipped"];
const marks = { passed: "✓", failed: "✗", flaky: "~", skipped: "–" };
const find = (id) => document.getElementById(id);

/** An element with attributes and children; texts become text nodes, null children nothing. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child != null));
  return element;
}

function elapsed(seconds) {
  const ms = seconds * 1000;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
}

/** JSON with line breaks; only white space is added, so numbers stay as they were written. */
function indented(text) {
  try { JSON.parse(text); } catch { return text; }
  if (text.trim().includes("\n")) return text;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g) || [];
  let depth = 0;
  let out = "";
  const line = () => "\n" + "  ".repeat(depth);
  tokens.forEach((token, at) => {
    const before = tokens[at - 1];
    if (token === "}" || token === "]") {
      depth -= 1;
      out += before === "{" || before === "[" ? token : line() + token;
      return;
    }
    if (before === "{" || before === "[" || before === ",") out += line();
    if (token === "{" || token === "[") depth += 1;
    out += token === ":" ? ": " : token;
  });
  return out;
}

// The filter lives in the address, so that a view can be sent to somebody.
const filter = { state: new Set(), vendor: "", tag: "", text: "", item: "", view: "trials" };
let exercising = null;

function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  filter.state = new Set((parts.get("state") || "").split(",").filter((s) => states.includes(s)));
  filter.vendor = parts.get("vendor") || "";
  filter.tag = parts.get("tag") || "";
  filter.text = parts.get("text") || "";
  filter.item = parts.get("item") || "";
  exercising = filter.item ? trialsOf(filter.item) : null;
  filter.view = parts.get("view") === "coverage" ? "coverage" : "trials";
}

/** The names of the trials that exercise an item of the coverage: `vendor/statements/L01`. */
function trialsOf(path) {
  const [name, kind, ...item] = path.split("/");
  const vendor = data.coverage.vendors.find((vendor) => vendor.vendor === name);
  const items = vendor?.[kind]?.items || [];
  const found = items.find((one) => one.name === item.join("/"));
  return new Set((found?.trials || []).map((seen) => seen.trial));
}

function address(change) {
  const next = { ...filter, ...change };
  const parts = new URLSearchParams();
  if (next.view === "coverage") parts.set("view", "coverage");
  if (next.state.size) parts.set("state", [...next.state].join(","));
  for (const key of ["vendor", "tag", "text", "item"]) if (next[key]) parts.set(key, next[key]);
  return "#" + parts;
}

function go(change) {
  // Typing must not fill the history.
  history.replaceState(null, "", address(change));
  readAddress();
  draw();
}

const searched = data.trials.map((trial) =>
  [trial.name, trial.reason, trial.target, ...trial.tags, ...trial.covers]
    .concat(trial.steps.flatMap((step) => [step.name, step.operation, step.request?.url]
      .concat(step.mismatches.concat(step.known || []).flatMap((m) => [m.message, m.path, m.expected, m.actual]))))
    .filter(Boolean).join("\n").toLowerCase());

function fits(trial, at, without) {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return (without === "state" || !filter.state.size || filter.state.has(trial.verdict))
    && (!filter.vendor || trial.vendor === filter.vendor)
    && (!exercising || exercising.has(trial.name))
    && (!filter.tag || trial.tags.includes(filter.tag))
    && words.every((word) => searched[at].includes(word));
}

function drawFilters() {
  const counts = Object.fromEntries(states.map((state) => [state, 0]));
  data.trials.forEach((trial, at) => { if (fits(trial, at, "state")) counts[trial.verdict] += 1; });
  const all = states.reduce((sum, state) => sum + counts[state], 0);
  const focused = document.activeElement?.dataset?.state;
  const toggle = (state) => {
    const next = new Set(filter.state);
    if (!next.delete(state)) next.add(state);
    go({ state: next });
  };
  find("states").replaceChildren(
    make("button", { type: "button", "data-state": "all", "aria-pressed": String(!filter.state.size), click: () => go({ state: new Set() }) }, "All ", make("b", null, String(all))),
    ...states.filter((state) => data.summary[state]).map((state) => make("button", {
      type: "button", class: state, "data-state": state, "aria-pressed": String(filter.state.has(state)), click: () => toggle(state),
    }, state[0].toUpperCase() + state.slice(1) + " ", make("b", null, String(counts[state])))));
  if (focused) find("states").querySelector(`[data-state="${focused}"]`)?.focus();
  for (const [id, all, values] of [
    ["vendor", "All vendors", new Set(data.trials.map((trial) => trial.vendor))],
    ["tag", "All tags", new Set(data.trials.flatMap((trial) => trial.tags))],
  ]) {
    const select = find(id);
    select.hidden = values.size < (id === "vendor" ? 2 : 1) && !filter[id];
    select.replaceChildren(make("option", { value: "" }, all),
      ...[...values].sort().map((value) => make("option", { value }, value)));
    select.value = filter[id];
  }
  if (document.activeElement !== find("text")) find("text").value = filter.text;
}

const urgency = (trial) => ({ failed: 0, flaky: 1 })[trial.verdict] ?? 2;

function drawList() {
  const shown = data.trials.filter((trial, at) => fits(trial, at));
  find("count").replaceChildren(...(shown.length === data.trials.length ? [] : [`${shown.length} of ${data.trials.length} trials`]),
    ...(filter.item ? [" that exercise ", make("code", null, filter.item), " ", make("button", { type: "button", class: "small", click: () => go({ item: "" }) }, "Show all")] : []));
  const suites = new Map();
  for (const trial of shown) {
    if (!suites.has(trial.suite)) suites.set(trial.suite, []);
    suites.get(trial.suite).push(trial);
  }
  // What went wrong stands first, file by file; the rest keeps its order.
  for (const trials of suites.values()) trials.sort((a, b) => urgency(a) - urgency(b));
  const files = [...suites].sort(([, a], [, b]) => urgency(a[0]) - urgency(b[0]));
  const drawn = files.flatMap(([suite, trials]) =>
    [make("h2", null, suite), make("div", { class: "box" }, trials.map(drawTrial))]);
  find("list").replaceChildren(...(drawn.length ? drawn : [make("p", { class: "empty" }, data.trials.length ? "No trial fits the filter." : "Nothing was run.")]));
  // Whoever looks at one trial, or at few failed ones, came to read them.
  const failed = find("list").querySelectorAll("details.trial.failed");
  if (shown.length === 1) find("list").querySelector("details.trial").open = true;
  else if (failed.length === 1) failed[0].open = true;
}

/** Details that are filled when they are opened first, so that a long run is drawn at once. */
function lazy(attributes, summary, fill) {
  const details = make("details", attributes, summary);
  const once = () => {
    if (!details.open || details.dataset.full) return;
    details.dataset.full = "1";
    details.append(fill());
  };
  details.addEventListener("toggle", once);
  // The event comes late; what is open from the start is filled at once.
  if (attributes.open) once();
  return details;
}

const mark = (verdict) => make("span", { class: `mark ${verdict}`, role: "img", "aria-label": verdict }, marks[verdict]);

function drawTrial(trial) {
  const chips = [
    ...trial.covers.map((id) => make("span", { class: "chip statement" }, id)),
    ...trial.tags.map((tag) => make("span", { class: "chip" }, tag)),
    ...(trial.target === data.run.target ? [] : [make("span", { class: "chip" }, trial.target)]),
  ];
  return lazy({ class: `trial ${trial.verdict}`, "data-name": trial.name },
    make("summary", null, mark(trial.verdict),
      make("span", { class: "name" }, trial.row ? `${trial.scenario} [${trial.row}]` : trial.scenario, chips.length ? make("span", { class: "chips" }, chips) : null),
      make("span", { class: "time" }, trial.verdict === "skipped" ? "skipped" : elapsed(trial.duration))),
    () => make("div", { class: "inside" },
      make("p", { class: "meta" }, `${trial.file}:${trial.line}`, trial.tries > 1 ? ` · try ${trial.tries}` : "", ` · ${trial.target}`),
      trial.reason ? make("p", { class: "reason" }, trial.reason) : null,
      (trial.earlier || []).map((steps, at) => make("details", { class: "step" },
        make("summary", null, mark("failed"), make("span", { class: "name" }, `try ${at + 1}, which failed`)),
        make("div", { class: "inside" }, steps.map(drawStep)))),
      trial.steps.map(drawStep)));
}

function drawStep(step) {
  return lazy({ class: `step ${step.verdict}`, open: step.verdict === "failed" },
    make("summary", null, mark(step.verdict),
      make("span", { class: "name" }, step.stage !== "steps" ? make("span", { class: "chip" }, step.stage) : null, step.stage !== "steps" ? " " : null, step.name,
        step.operation && !step.name.includes(step.operation) ? make("span", { class: "chips" }, make("span", { class: "chip statement" }, step.operation)) : null),
      step.response ? make("span", { class: "status" }, String(step.response.status)) : null,
      make("span", { class: "time" }, step.verdict === "skipped" ? "skipped" : elapsed(step.duration))),
    () => make("div", { class: "inside" },
      step.reason ? make("p", { class: "reason" }, step.reason) : null,
      step.mismatches.map(drawMismatch),
      (step.known || []).map(drawMismatch),
      step.difference ? drawDifference(step.difference) : null,
      step.request || step.response ? make("div", { class: "exchange" },
        step.request ? make("div", null, drawRequest(step.request)) : null,
        step.response ? make("div", null, drawResponse(step.response)) : null) : null,
      make("p", { class: "meta place" }, `${step.file}:${step.line}`)));
}

function drawMismatch(mismatch) {
  const rows = [["at", mismatch.path], ["expected", mismatch.expected], ["actual", mismatch.actual]];
  return make("div", { class: "mismatch" },
    make("p", null, make("span", { class: "kind" }, mismatch.kind),
      make("span", { class: "message" }, mismatch.message),
      make("span", { class: "place" }, `${mismatch.file}:${mismatch.line}`)),
    mismatch.deviation ? make("p", { class: "reason" }, drawDeviation(mismatch.deviation)) : null,
    make("dl", null, rows.filter(([, value]) => value !== "").map(([key, value]) =>
      make("div", null, make("dt", null, key), make("dd", null, value)))));
}

function drawDeviation({ id, verdict, since, says }) {
  const ruled = { vendor: "the vendor deviates from its document", spec: "the spec is wrong", both: "both are allowed" };
  return `known since ${since}: ${says || ruled[verdict]} (${id})`;
}

function drawDifference(difference) {
  const side = (pieces, kind) => make("td", { class: pieces ? kind : null },
    (pieces || []).map((piece) => typeof piece === "string" ? piece : make("mark", null, piece[0])));
  const rows = difference.rows.map((row) => {
    if (typeof row === "number") {
      return make("tr", { class: "folded" }, make("td", { colspan: "2" }, `${row} equal lines`));
    }
    if (typeof row === "string") return make("tr", null, make("td", null, row), make("td", null, row));
    return make("tr", null, side(row[0], "removed"), side(row[1], "added"));
  });
  return make("div", null, make("table", { class: "diff" },
    make("thead", null, make("tr", null, make("th", { scope: "col" }, "Expected"), make("th", { scope: "col" }, "Actual"))),
    make("tbody", null, rows)));
}

function drawBody(message) {
  const note = message.bodyNote ? `\n… ${message.bodyNote}` : "";
  if (message.bodyBase64 != null) return `${atob(message.bodyBase64).length} bytes that are not UTF-8${note}`;
  return indented(message.body || "") + note;
}

function drawMessage(first, message) {
  const headers = message.headers.map((header) => make("span", { class: "header" }, `${header.name}: ${header.value}\n`));
  const body = drawBody(message);
  return make("pre", { tabindex: "0" }, first + "\n", headers, body ? "\n" + body : null);
}

function drawRequest(request) {
  return [
    make("h3", null, "Request", request.curl ? make("button", { type: "button", click: (event) => copy(event.currentTarget, request.curl) }, "Copy curl") : null),
    drawMessage(`${request.method} ${request.url}`, request),
  ];
}

function drawResponse(response) {
  return [
    make("h3", null, "Response", make("span", { class: "time" }, elapsed(response.duration))),
    drawMessage(String(response.status), response),
  ];
}

async function copy(button, text) {
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    // A page from disk may have no clipboard of its own; the older way still works there.
    const area = make("textarea", { style: "position:fixed;opacity:0" });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const before = "Copy curl";
  button.textContent = done ? "Copied" : "Not allowed here";
  setTimeout(() => { button.textContent = before; }, 1500);
}

const groups = [["statements", "Statements"], ["operations", "Operations"], ["parameters", "Parameters"], ["enumValues", "Enum values"], ["errors", "Errors"], ["transitions", "Transitions"]];

function drawCoverage() {
  const vendors = data.coverage.vendors;
  if (!vendors.length) return [make("p", { class: "empty" }, "No spec was loaded.")];
  const cell = (group) => {
    if (!group.total) return make("td", { class: "meta" }, "–");
    if (group.exercised === undefined) return make("td", { class: "meta" }, "not seen");
    return make("td", { class: group.exercised === group.total ? "whole" : "part" }, `${group.exercised}/${group.total}`);
  };
  const table = make("div", { class: "scroll", tabindex: "0" }, make("table", { class: "table" },
    make("thead", null, make("tr", null, make("th", { scope: "col" }, "Vendor"), groups.map(([, title]) => make("th", { scope: "col" }, title)))),
    make("tbody", null, vendors.map((vendor) => make("tr", null, make("th", { scope: "row" }, vendor.vendor), groups.map(([key]) => cell(vendor[key])))))));
  return [table, ...vendors.flatMap((vendor) => [
    make("h2", null, vendor.vendor),
    make("div", { class: "box" }, groups.filter(([key]) => vendor[key].total).map(([key, title]) => {
      const group = vendor[key];
      return lazy({ class: "group", open: key === "statements" },
        make("summary", null, make("span", { class: "name" }, title), make("span", { class: "time" }, group.exercised === undefined ? "not seen" : `${group.exercised} of ${group.total}`)),
        () => make("ul", null, drawNotSeen(group), group.items.map((item) => drawItem(item, `${vendor.vendor}/${key}/${item.name}`))));
    }))])];
}

/** Why nothing, or not all, is known of a group. */
function drawNotSeen(group) {
  if (!group.notSeen) return null;
  const { trials, reason } = group.notSeen;
  const of = group.exercised === undefined ? "" : ` of ${trials === 1 ? "one trial" : `${trials} trials`}`;
  return make("li", null, make("span", { class: "says" }, `not seen${of}: ${reason}`));
}

function drawItem(item, path) {
  const names = [...new Set(item.trials.map((seen) => seen.trial))];
  const targets = [...new Set(item.trials.map((seen) => seen.target))];
  const place = item.file ? `${item.file}:${item.line}` : "";
  const by = names.length ? make("a", {
    href: address({ view: "trials", state: new Set(), vendor: "", tag: "", text: "", item: path }),
    title: names.slice(0, 20).join("\n"),
  }, names.length === 1 ? "1 trial" : `${names.length} trials`) : item.exercised === undefined ? "not seen" : path.split("/")[1] === "statements" ? "not covered" : "not exercised";
  return make("li", null, mark(names.length ? "passed" : item.exercised === undefined ? "skipped" : "failed"), make("code", null, item.name),
    make("span", { class: "says", title: place || null }, item.says || place),
    make("span", { class: "by" }, by, targets.length ? ` · ${targets.join(", ")}` : null));
}

function draw() {
  const coverage = filter.view === "coverage";
  find("trials").hidden = coverage;
  find("coverage").hidden = !coverage;
  find("show-trials").setAttribute("aria-pressed", String(!coverage));
  find("show-coverage").setAttribute("aria-pressed", String(coverage));
  if (coverage) {
    find("coverage").replaceChildren(...drawCoverage());
  } else {
    drawFilters();
    drawList();
  }
}

function drawHead() {
  const { run, summary } = data;
  const counts = states.filter((state) => summary[state]).map((state) => `${summary[state]} ${state}`).join(", ") || "nothing was run";
  find("run").textContent = `${counts} · ${elapsed(run.duration)} · ${run.target} · ${run.started.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC")} · ${run.version}`;
  find("bar").setAttribute("aria-label", counts);
  find("bar").append(...states.filter((state) => summary[state]).map((state) => {
    const part = make("span", { class: state, title: `${summary[state]} ${state}` });
    part.style.flexGrow = summary[state];
    return part;
  }));
  document.title = `${summary.failed ? `✗ ${summary.failed} failed` : "✓ passed"} · counterpart`;
}

find("show-trials").addEventListener("click", () => { location.hash = address({ view: "trials" }); });
find("show-coverage").addEventListener("click", () => { location.hash = address({ view: "coverage" }); });
find("vendor").addEventListener("change", (event) => go({ vendor: event.target.value }));
find("tag").addEventListener("change", (event) => go({ tag: event.target.value }));
find("text").addEventListener("input", (event) => go({ text: event.target.value }));
find("filters").addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", () => { readAddress(); draw(); });
addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    if (filter.view === "coverage") go({ view: "trials" });
    find("text").focus();
  } else if (event.key === "Escape" && event.target === find("text")) {
    find("text").value = "";
    go({ text: "" });
    find("text").blur();
  }
});

readAddress();
drawHead();
draw();
