// jayson: JSON-RPC 2.0 over HTTP, with calls, notifications and batches.
"use strict";
const assert = require("node:assert");
const jayson = require("jayson/promise");

const base = new URL(process.argv[2]);
const client = jayson.Client.http({ host: base.hostname, port: base.port, path: "/@jayson/roster/rpc" });

(async () => {
  const added = await client.request("person.add", { name: "Ann", team: "red" });
  assert.strictEqual(added.result.name, "Ann");
  const wrong = await client.request("person.add", { team: "red" });
  assert.strictEqual(wrong.error.code, -32602);
  const batch = [
    client.request("person.add", { name: "Bob", team: "blue" }, undefined, false),
    client.request("person.add", { name: "Cid", team: "blue" }, null, false),
    client.request("person.remove", { name: "Ann" }, undefined, false),
    client.request("person.list", { team: "blue" }, undefined, false),
  ];
  const answers = await client.request(batch);
  assert.deepStrictEqual(answers.map((one) => one.id), [batch[0].id, batch[2].id, batch[3].id]);
  assert.strictEqual(answers[0].result.name, "Bob");
  assert.strictEqual(answers[1].error.code, -32601);
  assert.deepStrictEqual(answers[2].result.map((one) => one.name), ["Bob", "Cid"]);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
