'use strict';
// The programs are in a package for each platform, of which npm installs the one that fits.

const { spawn } = require('node:child_process');
const os = require('node:os');

/**
 * The path of one of the two programs: the environment variable COUNTERPART_MOCK or
 * COUNTERPART_TEST if set, else the one of this platform's package.
 */
function program(name) {
  const named = process.env[name.toUpperCase().replace('-', '_')];
  if (named) return named;
  const platform = `${process.platform}-${process.arch}`;
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  try {
    return require.resolve(`@counterpart/${platform}/bin/${file}`);
  } catch {
    throw new Error(
      `counterpart has no program for ${platform}: the package @counterpart/${platform} is not installed. ` +
        'Was it left out by --omit=optional or --no-optional?',
    );
  }
}

/** Runs a program in place of this one: its streams, signals and exit code are handed on. */
function run(name) {
  let child;
  try {
    child = spawn(program(name), process.argv.slice(2), { stdio: 'inherit' });
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
  // From a terminal the child gets these itself; from a process manager only this one does.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {});
  child.on('error', (error) => {
    console.error(`${name}: ${error.message}`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 128 + os.constants.signals[signal] : code;
  });
}

module.exports = { program, run };
