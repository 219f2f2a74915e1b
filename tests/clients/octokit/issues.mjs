// @octokit/rest, GitHub's own: pages by its `paginate`, which follows the Link header, and
// conditional requests.
import assert from "node:assert";
import { createRequire } from "node:module";

// A module finds packages beside itself; NODE_PATH is for CommonJS.
const { Octokit } = await import(createRequire(import.meta.url).resolve("@octokit/rest"));

const base = process.argv[2];
const client = (auth) =>
  new Octokit({ auth, baseUrl: `${base}/@octokit/github`, log: { debug() {}, info() {}, warn() {}, error() {} } });
const octokit = client("ghp_octocat");
const repo = { owner: "octocat", repo: "Hello-World" };

const refused = async (status, request) => {
  const error = await request.then(() => assert.fail(`was not refused with ${status}`), (error) => error);
  assert.strictEqual(error.status, status, error.message);
  return error;
};

for (let number = 1; number <= 25; number += 1) {
  const { data } = await octokit.rest.issues.create({ ...repo, title: `Issue ${number}` });
  assert.strictEqual(data.number, number);
}
await octokit.rest.issues.update({ ...repo, issue_number: 3, state: "closed" });

// Three pages, put together by the client.
const all = await octokit.paginate(octokit.rest.issues.listForRepo, { ...repo, state: "all", per_page: 10 });
assert.deepStrictEqual(all.map((issue) => issue.number), Array.from({ length: 25 }, (_, at) => 25 - at));
const sizes = [];
for await (const page of octokit.paginate.iterator(octokit.rest.issues.listForRepo, { ...repo, per_page: 10 })) {
  sizes.push(page.data.length);
}
assert.deepStrictEqual(sizes, [10, 10, 4]);

const listed = (more) => octokit.rest.issues.listForRepo({ ...repo, per_page: 10, ...more });
const relations = (answer) => [...(answer.headers.link ?? "").matchAll(/rel="(\w+)"/g)].map(([, name]) => name);
assert.deepStrictEqual(relations(await listed({})), ["next", "last"]);
assert.deepStrictEqual(relations(await listed({ page: 2 })), ["prev", "next", "last", "first"]);
assert.deepStrictEqual(relations(await listed({ page: 3 })), ["prev", "first"]);
assert.deepStrictEqual((await listed({ page: 4 })).data, []);
assert.strictEqual((await listed({ per_page: 1000 })).headers.link, undefined);

// Conditional requests: octokit throws a 304 as what it does not have.
const one = { ...repo, issue_number: 7 };
const first = await octokit.rest.issues.get(one);
assert.match(first.headers.etag, /^W\/".+"$/);
const known = { headers: { "if-none-match": first.headers.etag } };
const unchanged = await refused(304, octokit.rest.issues.get({ ...one, ...known }));
assert.strictEqual(unchanged.response.headers.etag, first.headers.etag);
await refused(304, octokit.rest.issues.get({ ...one, headers: { "if-modified-since": first.headers["last-modified"] } }));
await octokit.rest.issues.update({ ...one, title: "Another title" });
const changed = await octokit.rest.issues.get({ ...one, ...known });
assert.strictEqual(changed.data.title, "Another title");
assert.notStrictEqual(changed.headers.etag, first.headers.etag);

const list = await listed({ page: 2 });
await refused(304, listed({ page: 2, headers: { "if-none-match": list.headers.etag } }));
assert.strictEqual((await listed({ page: 3, headers: { "if-none-match": list.headers.etag } })).status, 200);

// What is refused, in GitHub's words.
assert.match((await refused(401, client("ghp_nobody").rest.issues.get(one))).message, /Bad credentials/);
assert.match((await refused(404, octokit.rest.issues.get({ ...repo, issue_number: 99 }))).message, /Not Found/);
assert.match((await refused(404, octokit.rest.issues.listForRepo({ owner: "octocat", repo: "none" }))).message, /Not Found/);
await refused(404, octokit.rest.issues.update({ ...repo, issue_number: 99, title: "Another" }));
