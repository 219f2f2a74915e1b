// yaml-language-server, which VS Code, Neovim and Helix use, with the schemas that the shipped files
// name: those have no mistakes, planted ones are told at their lines, keys are completed and explained.
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { readFileSync, readdirSync } = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const root = path.resolve(__dirname, '../../..');
const program = require.resolve('yaml-language-server/bin/yaml-language-server');
const server = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
// Whoever waits, by the id of a request, or the URI of a document for what is wrong in it.
const waiting = new Map();

function send(message) {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

function received({ id, method, params, result, error }) {
  if (method === 'textDocument/publishDiagnostics') {
    waiting.get(params.uri)?.(params.diagnostics);
  } else if (method === 'workspace/configuration') {
    send({ id, result: params.items.map(() => ({})) });
  } else if (method && id !== undefined) {
    send({ id, result: null });
  } else if (id !== undefined) {
    assert.equal(error, undefined);
    waiting.get(id)(result);
  }
}

let unread = Buffer.alloc(0);
server.stdout.on('data', (chunk) => {
  unread = Buffer.concat([unread, chunk]);
  for (;;) {
    const head = unread.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(unread.subarray(0, head))[1]);
    const end = head + 4 + length;
    if (unread.length < end) return;
    const message = JSON.parse(unread.subarray(head + 4, end));
    unread = unread.subarray(end);
    received(message);
  }
});

let asked = 0;
function ask(method, params) {
  asked += 1;
  const id = asked;
  return new Promise((done) => {
    waiting.set(id, done);
    send({ id, method, params });
  });
}

// Opens a text as the file of that name; gives what is wrong, by line.
async function open(name, text) {
  const uri = pathToFileURL(path.join(root, name)).href;
  const told = new Promise((done) => waiting.set(uri, done));
  const textDocument = { uri, languageId: 'yaml', version: 1, text };
  send({ method: 'textDocument/didOpen', params: { textDocument } });
  const wrong = (await told).filter(({ severity }) => severity === 1);
  const at = (needle) => {
    const before = text.slice(0, text.indexOf(needle) + needle.length).split('\n');
    const position = { line: before.length - 1, character: before.at(-1).length };
    return { textDocument: { uri }, position };
  };
  return {
    wrong: wrong.map(({ range, message }) => `${range.start.line + 1}: ${message}`).sort(),
    completed: async (needle) => {
      const result = await ask('textDocument/completion', at(needle));
      return (result.items ?? result).map(({ label }) => label);
    },
    hover: async (needle) => (await ask('textDocument/hover', at(needle))).contents.value,
  };
}

async function specs() {
  const spec = await open('specs/typed.yaml', `# yaml-language-server: $schema=../schemas/spec.schema.json
counterpart: 1
vendor: typed
evidence: documentd
operations:
  - operationId: read_book
    method: GET
    parametrs: []
    
    steps:
      - find: {in: books, wher: {id: 1}, as: book}
      - respond: {status: 200}
`);
  assert.deepEqual(spec.wrong, [
    '11: Property wher is not allowed.',
    '4: Value is not accepted. Valid values: "documented", "recorded", "client", "assumed".',
    '8: Property parametrs is not allowed.',
  ]);
  const keys = await spec.completed('parametrs: []\n    ');
  for (const key of ['path', 'parameters', 'requestBody', 'responses', 'validation']) {
    assert.ok(keys.includes(key), `${key}: ${keys}`);
  }
  assert.ok(!keys.includes('method'), 'what is there already is not offered');
  assert.match(await spec.hover('- fin'), /Find the first matching row, or null\./);
}

async function scenarios() {
  const scenario = await open('scenarios/typed.yaml', `# yaml-language-server: $schema=../schemas/scenario.schema.json
counterpart: 1
vendor: typed
scenarios:
  - name: a
    steps:
      - call: read_book
        expct: {status: 200}
      - call: read_book
        expect: {status: 2xx, includes: {id: {$type: integr}}}
        
`);
  assert.deepEqual(scenario.wrong.map((line) => line.split(':')[0]), ['10', '8']);
  const keys = await scenario.completed('integr}}}\n        ');
  for (const key of ['capture', 'with', 'when', 'binding']) {
    assert.ok(keys.includes(key), `${key}: ${keys}`);
  }
  assert.match(await scenario.hover('- call: read_book\n        expect: {stat'), /status/);
}

async function shipped() {
  for (const folder of ['specs', 'scenarios']) {
    const files = readdirSync(path.join(root, folder), { recursive: true });
    const yaml = files.filter((file) => file.endsWith('.yaml'));
    assert.ok(yaml.length > 3);
    for (const file of yaml) {
      const name = path.join(folder, file);
      const { wrong } = await open(name, readFileSync(path.join(root, name), 'utf8'));
      assert.deepEqual(wrong, [], name);
    }
  }
}

(async () => {
  const textDocument = {
    completion: {}, hover: { contentFormat: ['markdown'] }, publishDiagnostics: {},
  };
  const capabilities = { textDocument, workspace: { configuration: true } };
  await ask('initialize', { processId: null, rootUri: null, capabilities });
  send({ method: 'initialized', params: {} });
  await specs();
  await scenarios();
  await shipped();
  server.kill();
})().catch((error) => {
  console.error(error.stack ?? error);
  server.kill();
  process.exit(1);
});
