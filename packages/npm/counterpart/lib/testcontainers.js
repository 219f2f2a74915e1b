'use strict';

const { randomBytes } = require('node:crypto');
const path = require('node:path');
const { AbstractStartedContainer, GenericContainer, getContainerRuntimeClient, Wait } = require('testcontainers');
const { Session } = require('./session.js');

const PORT = 4010;

/**
 * The mock in a container, by Testcontainers (`npm install testcontainers`). The image is that of
 * the Dockerfile of counterpart.
 *
 *     const mock = await new CounterpartContainer().withSpecs('specs').start();
 *     const session = mock.session();
 */
class CounterpartContainer extends GenericContainer {
  #token = randomBytes(16).toString('hex');
  #arguments = [];

  constructor(image = 'counterpart') {
    super(image);
    this.withExposedPorts(PORT)
      .withEnvironment({ COUNTERPART_TOKEN: this.#token })
      .withWaitStrategy(Wait.forLogMessage('ready'));
  }

  /** A folder with specs, which is mounted; without it the vendors in the program are served. */
  withSpecs(folder) {
    return this.withBindMounts([{ source: path.resolve(folder), target: '/srv/specs', mode: 'ro' }]);
  }

  /** More options of `counterpart-mock serve`. */
  withArguments(...more) {
    this.#arguments.push(...more);
    return this;
  }

  async start() {
    // Where this runs in a container itself, the engine has another name than `localhost`.
    const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
    this.withCommand(['serve', '--listen', `0.0.0.0:${PORT}`, '--allow-host', host, ...this.#arguments]);
    const started = new StartedCounterpartContainer(await super.start(), this.#token);
    await started.readVendors();
    return started;
  }
}

/** A mock that runs in a container. */
class StartedCounterpartContainer extends AbstractStartedContainer {
  #token;
  #sessions = 0;

  constructor(started, token) {
    super(started);
    this.#token = token;
    /** The root of the mock as this machine sees it, such as `http://localhost:32768`. */
    this.root = `http://${this.getHost()}:${this.getMappedPort(PORT)}`;
    /** The base URL of each vendor in the nameless session. */
    this.vendors = {};
  }

  /** @internal */
  async readVendors() {
    const headers = { Authorization: `Bearer ${this.#token}` };
    const answer = await fetch(`${this.root}/_counterpart/specs`, { headers });
    if (!answer.ok) throw new Error(`the mock in the container: ${answer.status} ${await answer.text()}`);
    for (const { name, baseUrl } of await answer.json()) {
      this.vendors[name] = this.root + new URL(baseUrl).pathname;
    }
  }

  /** A session with a state, journal, outbox and clock of its own; without a name, a new one. */
  session(name = `test-${process.pid}-${++this.#sessions}`) {
    return new Session(this.root, this.vendors, name, this.#token);
  }
}

module.exports = { CounterpartContainer, StartedCounterpartContainer };
