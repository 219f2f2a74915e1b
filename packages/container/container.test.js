'use strict';

const assert = require('node:assert');
const test = require('node:test');
const { CounterpartContainer } = require('counterpart/testcontainers');

test('a mock in a container', async () => {
  const mock = await new CounterpartContainer().withSpecs('specs').withArguments('--seed', '1').start();
  try {
    const session = mock.session();
    const added = await session.add('notes', 'notes', { text: 'from a test' });
    const headers = { 'X-Key': 'notes-key' };
    const answer = await fetch(`${session.url('notes')}/notes/${added.id}`, { headers });
    assert.strictEqual(answer.status, 200);
    await session.assertRequested('read_note', { status: 200 });
  } finally {
    await mock.stop();
  }
});
