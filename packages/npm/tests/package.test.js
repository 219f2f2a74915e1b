'use strict';
// The package, installed: the programs, the helpers. Run by node --test, by vitest and by jest in
// their own files beside this one.

const test = require('node:test');
const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Mock, useMock, program } = require('counterpart');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'counterpart-'));
test.after(() => fs.rmSync(folder, { recursive: true }));
const specs = path.join(folder, 'notes.yaml');
const SPEC = `
counterpart: 1
vendor: notes
errors:
  NoSuchNote: {status: 404, body: {error: "no note \${error.value}"}}
  Invalid: {status: 400, body: {error: "\${error.message}"}}
failures: {invalid: Invalid}
collections:
  notes:
    key: id
    schema: {type: object, properties: {id: {type: integer, generate: sequence}, text: {type: string}}}
    fixtures: [{id: 1, text: Buy milk}]
operations:
  - operationId: create_note
    method: POST
    path: /notes
    requestBody: {required: true, schema: {type: object, required: [text], properties: {text: {type: string, maxLength: 5}}}}
    steps:
      - insert: {in: notes, values: "\${body}", as: note}
      - respond: {status: 201, body: "\${note}"}
`;
fs.writeFileSync(specs, SPEC);

const post = async (url, body) => {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return [answer.status, await answer.json()];
};

test('both programs run from node_modules/.bin', () => {
  for (const name of ['counterpart-mock', 'counterpart-test']) {
    assert.match(execFileSync(`node_modules/.bin/${name}`, ['--version'], { encoding: 'utf8' }), new RegExp(`^${name} `));
    assert.ok(fs.existsSync(program(name)));
  }
  const refused = spawnSync('node_modules/.bin/counterpart-mock', ['check', 'nowhere'], { encoding: 'utf8' });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /nowhere/);
});

const counterpart = useMock({ specs, seed: 1, clock: '2026-01-01T00:00:00Z', freeze: true }, test);

for (const round of [1, 2]) {
  test(`a session is its own ${round}`, async () => {
    const { session } = counterpart;
    assert.deepEqual(await session.requests(), []);
    assert.deepEqual(await post(`${session.url('notes')}/notes`, { text: 'ä' }), [201, { id: 2, text: 'ä' }]);
    assert.deepEqual(await session.state('notes', 'notes', 2), { id: 2, text: 'ä' });
    assert.equal((await session.add('notes', 'notes', { text: 'x' })).id, 3);
    await session.remove('notes', 'notes', 3);
    await session.replaceState('notes', 'notes', [{ id: 9, text: 'y' }]);
    assert.equal((await session.state('notes')).notes.length, 1);
    await session.advance('PT36H');
    assert.deepEqual(await session.clock(), { now: '2026-01-02T12:00:00Z', frozen: true });
    assert.deepEqual(await session.outbox('notes'), []);
    await session.rewind(1);
    assert.deepEqual(await session.state('notes', 'notes'), [{ id: 1, text: 'Buy milk' }]);
    await assert.rejects(session.state('notes', 'nothing'), /404/);
    assert.throws(() => session.url('other'), /it has notes/);
  });
}

test('a failed assertion says what refused the request', async () => {
  const { session } = counterpart;
  await assert.rejects(session.assertRequested('create_note'), /there was no request/);
  assert.equal((await post(`${session.url('notes')}/notes`, { text: 'too long' }))[0], 400);
  await assert.rejects(session.assertRequested('create_note', { status: 201 }), (error) => {
    assert.match(error.message, /expected at least once, found 0/);
    assert.match(error.message, /refused by .*maxLength.*notes\.yaml:/);
    return true;
  });
  await session.assertRequested('create_note', { status: 400, times: 1 });
});

test('faults befall the next requests', async () => {
  const { session } = counterpart;
  await session.addFault({ vendor: 'notes', operation: 'create_note', times: 1, fault: { status: 503 } });
  assert.equal((await session.faults()).length, 1);
  assert.equal((await post(`${session.url('notes')}/notes`, { text: 'a' }))[0], 503);
  assert.equal((await post(`${session.url('notes')}/notes`, { text: 'a' }))[0], 201);
  await session.addFault({ fault: 'reset' });
  await session.clearFaults();
  assert.deepEqual(await session.faults(), []);
});

test('a mistake in a spec is told', async () => {
  const wrong = path.join(folder, 'wrong.yaml');
  fs.writeFileSync(wrong, SPEC.replace('collections:', 'colections:'));
  await assert.rejects(Mock.start({ specs: wrong }), /did you mean `collections`/);
});

test('a script that forgets to stop the mock ends', () => {
  const script = `require('counterpart').Mock.start({ specs: ${JSON.stringify(specs)} })`;
  assert.equal(spawnSync(process.execPath, ['-e', script], { timeout: 20000 }).status, 0);
});
