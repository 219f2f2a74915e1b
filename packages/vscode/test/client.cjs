// The extension as it is packed, in a minimal host, with the real language server: what it says of
// a file that is open, and what it answers.
//
//   node client.cjs EXTENSION COUNTERPART-MOCK
const assert = require("node:assert");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const { host } = require("./host.cjs");

const [extension, program] = process.argv.slice(2).map((one) => path.resolve(one));
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "counterpart-vscode-"));
const specs = path.join(folder, "specs");
fs.mkdirSync(specs);

const SPEC = `counterpart: 1
vendor: shop
servers: [{url: /v1}]
mediaTypes: {application/json: {wire: json}}
produces: [application/json]
errors:
  NotFound: {status: 404, text: not there}
collections:
  orders: {key: id, schema: {type: object, properties: {id: {type: integer}}}}
operations:
  - operationId: read_order
    method: GET
    path: /orders/{id}
    parameters: [{name: id, in: path, schema: {type: integer}}]
    steps:
      - find: {in: orders, where: {id: "\${path.id}"}, as: order, orElse: NotFoud}
      - respond: {status: 200, body: {order: "\${order}"}}
`;

const settings = { "counterpart.command": program };
const { vscode, held, openFile } = host(folder, settings);
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));

async function until(what, look) {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < end, `${what}: ${JSON.stringify([...held.diagnostics])} ${held.output.join("")}`);
    await new Promise(setImmediate);
  }
}

const cancelled = new vscode.CancellationTokenSource().token;

async function main() {
  const manifest = JSON.parse(fs.readFileSync(path.join(extension, "package.json"), "utf8"));
  const { activate, deactivate } = require(path.join(extension, manifest.main));
  const file = path.join(specs, "shop.yaml");
  fs.writeFileSync(file, SPEC);
  const context = { subscriptions: [], extensionPath: extension, asAbsolutePath: (name) => path.join(extension, name) };
  await activate(context);
  assert.deepStrictEqual(held.errors, []);
  for (const { command } of manifest.contributes.commands) {
    assert.ok(held.commands.has(command), `${command} is not there`);
  }
  const document = openFile(file, SPEC);

  // What is wrong is told at its place.
  const uri = document.uri.toString();
  const [mistake] = await until("a mistake is told", () => held.diagnostics.get(uri)?.length && held.diagnostics.get(uri));
  assert.match(mistake.message, /NotFoud/);
  assert.strictEqual(mistake.severity, vscode.DiagnosticSeverity.Error);
  const line = SPEC.split("\n").findIndex((text) => text.includes("NotFoud"));
  assert.strictEqual(mistake.range.start.line, line);

  // Names are completed.
  const at = new vscode.Position(line, SPEC.split("\n")[line].indexOf("NotFoud") + 3);
  const completed = await held.providers.registerCompletionItemProvider.provideCompletionItems(document, at, cancelled, {});
  const labels = (completed.items ?? completed).map((item) => item.label.label ?? item.label);
  assert.ok(labels.includes("NotFound"), labels.join());

  // What a key is for is shown.
  const hover = await held.providers.registerHoverProvider.provideHover(document, new vscode.Position(1, 2), cancelled);
  assert.match(JSON.stringify(hover?.contents ?? ""), /name in URLs/);

  // The server starts anew when asked.
  held.diagnostics.clear();
  await held.commands.get("counterpart.restart")();
  await until("a mistake is told again", () => held.diagnostics.get(uri)?.length);

  // One that is not there is told in words.
  settings["counterpart.command"] = path.join(folder, "nothing");
  await held.commands.get("counterpart.restart")();
  assert.strictEqual(held.errors.filter((said) => said.includes("counterpart.command")).length, 1, held.errors.join("\n"));
  await deactivate();
}

main().then(
  () => {
    fs.rmSync(folder, { recursive: true });
    console.log("ok: mistakes, completion, hover, restart, and a program that is not there");
    process.exit(0);
  },
  (error) => {
    console.error(error, held.output.join(""));
    process.exit(1);
  },
);
