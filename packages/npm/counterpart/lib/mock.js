'use strict';

const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const { program } = require('./program.js');
const { Session } = require('./session.js');

let sessions = 0;

/** A running mock on a free port of the loopback interface. */
class Mock {
  #process;
  #log = '';
  #ended;

  /** Use `Mock.start`. */
  constructor(child) {
    this.#process = child;
    /** The base URL of each vendor in the nameless session. */
    this.vendors = {};
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#log += text;
    });
    this.#ended = new Promise((resolve) => {
      child.once('error', resolve);
      child.once('close', resolve);
    });
  }

  /**
   * Starts a mock, and waits until it serves.
   * @param {object} [options] specs: files and folders with specs (default: `specs`, else the
   *   vendors in the program); seed, clock (RFC 3339), freeze: those of `counterpart-mock serve`;
   *   arguments: more of its options
   */
  static async start({ specs = [], seed, clock, freeze = false, arguments: more = [] } = {}) {
    const line = ['serve', '--listen', '127.0.0.1:0', ...more];
    if (seed !== undefined) line.push('--seed', String(seed));
    if (clock !== undefined) line.push('--clock', clock);
    if (freeze) line.push('--freeze');
    line.push('--', ...[specs].flat());
    const child = spawn(program('counterpart-mock'), line, { stdio: ['ignore', 'pipe', 'pipe'] });
    const mock = new Mock(child);
    const kill = () => child.kill();
    process.once('exit', kill);
    child.once('close', () => process.removeListener('exit', kill));
    for await (const said of createInterface({ input: child.stdout })) {
      if (said === 'ready') break;
      const [vendor, url] = said.split('\t');
      if (url) mock.vendors[vendor] ??= url;
    }
    const some = Object.values(mock.vendors)[0];
    if (child.exitCode !== null || some === undefined) {
      child.kill();
      const why = await mock.#ended;
      throw new Error(`counterpart-mock did not start (${why?.message ?? why}):\n${mock.log()}`);
    }
    /** The root of the mock, such as `http://127.0.0.1:4010`. */
    mock.root = new URL(some).origin;
    // A test run that forgets to stop the mock ends all the same.
    child.unref();
    child.stdout.destroy();
    child.stderr.unref?.();
    return mock;
  }

  /** A session with a state, journal, outbox and clock of its own; without a name, a new one. */
  session(name = `test-${process.pid}-${++sessions}`) {
    return new Session(this.root, this.vendors, name);
  }

  /** What the mock wrote to stderr until now. */
  log() {
    return this.#log;
  }

  /** Ends the mock, and waits until it has ended. */
  async stop() {
    this.#process.kill();
    await this.#ended;
  }
}

module.exports = { Mock };
