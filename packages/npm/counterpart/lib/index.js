'use strict';

const { Mock } = require('./mock.js');
const { Session } = require('./session.js');
const { program } = require('./program.js');

/**
 * One mock for the tests of a file, and a session for each test.
 *
 *     const counterpart = useMock({ specs: 'specs' });
 *     test('a note is kept', async () => {
 *       const client = new Notes(counterpart.session.url('notes'));
 *     });
 *
 * @param {object} [options] those of `Mock.start`
 * @param {object} [hooks] beforeAll, afterAll, beforeEach and afterEach (or before and after) of
 *   the test runner, where they are not global: `useMock({}, await import('vitest'))`
 */
function useMock(options = {}, hooks = globalThis) {
  const used = { mock: undefined, session: undefined };
  const beforeAll = hooks.beforeAll ?? hooks.before;
  const afterAll = hooks.afterAll ?? hooks.after;
  if (!beforeAll || !afterAll || !hooks.beforeEach || !hooks.afterEach) {
    throw new Error('useMock needs beforeAll, afterAll, beforeEach and afterEach of the test runner as its second argument');
  }
  beforeAll(async () => {
    used.mock = await Mock.start(options);
  });
  hooks.beforeEach(() => {
    used.session = used.mock.session();
  });
  hooks.afterEach(async () => {
    await used.session?.drop();
  });
  afterAll(async () => {
    await used.mock?.stop();
  });
  return used;
}

module.exports = { Mock, Session, program, useMock };
