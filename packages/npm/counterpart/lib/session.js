'use strict';

const path = (...parts) =>
  parts
    .filter((part) => part !== undefined)
    .map((part) => encodeURIComponent(String(part)))
    .join('/');

const query = (given) => {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return entries.length ? `?${new URLSearchParams(entries)}` : '';
};

/** A state, journal, outbox and clock of its own on a mock that may be shared. */
class Session {
  #root;
  #prefix;
  #vendors;
  #token;

  /**
   * Use `Mock.session`; with `null` for a name it is the nameless one, which all share. `token` is
   * what the control plane is shown, if not `COUNTERPART_TOKEN` of the environment.
   */
  constructor(root, vendors, name, token) {
    this.#token = token;
    this.name = name;
    this.#root = root;
    this.#prefix = name === null ? '' : `/@${encodeURIComponent(name)}`;
    this.#vendors = vendors;
  }

  /** The base URL of a vendor in this session, for the client that is tested. */
  url(vendor) {
    const base = this.#vendors[vendor];
    if (base === undefined) {
      throw new Error(`the mock has no vendor ${vendor}; it has ${Object.keys(this.#vendors).join(', ')}`);
    }
    return this.#root + this.#prefix + base.slice(this.#root.length);
  }

  /** All collections of a vendor, the rows of one, or one row. */
  state(vendor, collection, key) {
    return this.#call('GET', path('state', vendor, collection, key));
  }

  /** Replaces all rows of a collection. */
  replaceState(vendor, collection, rows) {
    return this.#call('PUT', path('state', vendor, collection), rows);
  }

  /** Adds a row, and gives it as it is stored, with what was generated. */
  add(vendor, collection, row) {
    return this.#call('POST', path('state', vendor, collection), row);
  }

  /** Removes one row. */
  remove(vendor, collection, key) {
    return this.#call('DELETE', path('state', vendor, collection, key));
  }

  /** The account's settings. */
  settings(vendor) {
    return this.#call('GET', path('state', vendor, 'settings'));
  }

  /** Changes those settings of the account that are named. */
  setSettings(vendor, settings) {
    return this.#call('PUT', path('state', vendor, 'settings'), settings);
  }

  /** The messages that the vendor would have sent, newest last. */
  outbox(vendor) {
    return this.#call('GET', path('outbox', vendor));
  }

  /** Back to the fixtures. */
  reset(vendor) {
    return this.#call('POST', `reset${query({ vendor })}`);
  }

  /** Back to how the session was before a request of its journal, by its id. */
  rewind(before) {
    return this.#call('POST', 'rewind', { before });
  }

  /** Lets something go wrong, as the control plane takes it: `{ vendor, operation, fault: { status: 503 }, times: 1 }`. */
  addFault(fault) {
    return this.#call('POST', 'faults', fault);
  }

  /** The faults that are still to come. */
  faults() {
    return this.#call('GET', 'faults');
  }

  /** Takes all faults away. */
  clearFaults() {
    return this.#call('DELETE', 'faults');
  }

  /** `now` in RFC 3339, and whether it is `frozen`. */
  clock() {
    return this.#call('GET', 'clock');
  }

  /** Sets the time (`now`), or lets it stand still or go on (`frozen`). */
  setClock(clock) {
    return this.#call('PUT', 'clock', clock);
  }

  /** Moves the clock by an ISO 8601 duration such as `PT36H`. */
  advance(by) {
    return this.#call('POST', 'clock/advance', { by });
  }

  /** The requests that were made, newest last, each with its explanation. */
  requests({ operation, vendor, status } = {}) {
    return this.#call('GET', `requests${query({ operation, vendor, status })}`);
  }

  /**
   * Throws unless an operation was called (`times`: exactly so often; else at least once) and
   * answered with a status, if one is given. Gives these requests. What it says when it throws is
   * what was requested in its stead, and by which rules the mock refused it.
   */
  async assertRequested(operation, { vendor, status, times } = {}) {
    const found = await this.requests({ operation, vendor, status });
    if (times === undefined ? found.length > 0 : found.length === times) return found;
    const answered = status === undefined ? '' : `, answered with ${status}`;
    const often = times === undefined ? 'at least once' : `${times} times`;
    const all = describe(await this.requests({ vendor }));
    throw new Error(`${operation}${answered}: expected ${often}, found ${found.length}\n${all}`);
  }

  /** Throws if an operation was called. */
  async assertNotRequested(operation, { vendor } = {}) {
    await this.assertRequested(operation, { vendor, times: 0 });
  }

  /** Gives back what the session holds. It is new when it is used again. */
  async drop() {
    if (this.name !== null) await this.#call('POST', 'sessions/drop', { names: [this.name] });
  }

  async #call(method, target, body) {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const token = this.#token ?? process.env.COUNTERPART_TOKEN;
    if (token) headers.Authorization = `Bearer ${token}`;
    const answer = await fetch(`${this.#root}${this.#prefix}/_counterpart/${target}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.ok) return text ? JSON.parse(text) : undefined;
    let detail = text;
    try {
      const problem = JSON.parse(text);
      detail = problem.detail ?? problem.title;
    } catch {
      // What is not a problem document is told as it is.
    }
    throw new Error(`${answer.status}: ${detail}`);
  }
}

/** Requests as lines that people read: method, path, status, operation, and what refused it. */
function describe(requests) {
  if (requests.length === 0) return 'there was no request';
  const lines = ['there were:'];
  for (const { id, request, response, operation, explanation } of requests.slice(-20)) {
    lines.push(`  ${id}  ${request.method} ${request.path}  ${response.status}  ${operation ?? 'no operation'}`);
    for (const step of explanation ?? []) {
      if (step.outcome === 'refused' && step.detail) {
        lines.push(`       refused by ${step.rule} (${step.at}): ${step.detail}`);
      }
    }
  }
  return lines.join('\n');
}

module.exports = { Session };
