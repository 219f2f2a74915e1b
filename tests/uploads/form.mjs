// The fetch and FormData of Node.js: a form with texts, JSON and all bytes as a file, which is read back.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

const base = process.argv[2];
const content = Buffer.from(Array.from({ length: 768 }, (_, at) => at % 256));
const form = new FormData();
form.append("file", new Blob([content], { type: "image/png" }), 'Zoë "x".png');
// What is a Blob gets a file name of its own, `blob`.
form.append("about", new Blob([JSON.stringify({ author: "Zoë", year: 2020 })], { type: "application/json" }));
form.append("title", "a=b & c");
form.append("pages", "3");
form.append("tags", "x");
form.append("tags", "y");
const answer = await fetch(`${base}/files`, { method: "POST", body: form });
assert.equal(answer.status, 201, await answer.clone().text());
const { id, ...made } = await answer.json();
assert.deepEqual(made, {
  filename: 'Zoë "x".png',
  size: content.length,
  md5: createHash("md5").update(content).digest("hex"),
  title: "a=b & c",
  pages: 3,
  draft: false,
  tags: ["x", "y"],
  about: { author: "Zoë", year: 2020 },
});
const back = await fetch(`${base}/files/${id}`);
assert.ok(content.equals(Buffer.from(await back.arrayBuffer())), "the file is another one");
assert.equal(back.headers.get("Content-Type"), "image/png");
