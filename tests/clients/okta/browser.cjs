// @okta/okta-auth-js, Okta's own for pages in browsers, in Chromium: who may read answers is decided by
// the browser, from what the mock says to it.
"use strict";
const assert = require("node:assert");
const { spawn } = require("node:child_process");
const { mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { createServer } = require("node:http");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const base = process.argv[2];
const library = join(require.resolve("@okta/okta-auth-js/package.json"), "../dist/okta-auth-js.min.js");
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

// The site of the page, which the page tells what it saw.
let seen;
const site = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://site");
  if (pathname === "/result") {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
      response.end();
      seen(JSON.parse(Buffer.concat(pieces)));
    });
  } else if (pathname === "/okta-auth-js.js") {
    response.setHeader("Content-Type", "text/javascript").end(readFileSync(library));
  } else if (pathname === "/") {
    response.setHeader("Content-Type", "text/html").end(readFileSync(join(__dirname, "page.html")));
  } else {
    response.writeHead(404).end();
  }
});

// What a page at that address told; the browser is ended then, and its profile removed.
async function visit(address) {
  const profile = mkdtempSync(join(tmpdir(), "okta-"));
  const browser = spawn("chromium", [...flags, `--user-data-dir=${profile}`, address], { stdio: ["ignore", "ignore", "pipe"], detached: true });
  let said = "";
  browser.stderr.on("data", (text) => (said += text));
  // All of its processes have that end of the pipe.
  const ended = new Promise((resolve) => browser.on("close", resolve));
  let patience;
  try {
    return await new Promise((resolve, reject) => {
      seen = resolve;
      patience = setTimeout(() => reject(new Error(`the page told nothing: ${said}`)), 180_000);
      browser.on("error", reject);
      ended.then(() => reject(new Error(`the browser ended before the page told anything: ${said}`)));
    });
  } finally {
    clearTimeout(patience);
    process.kill(-browser.pid, "SIGKILL");
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function requests(session) {
  const entries = await (await fetch(`${base}/@${session}/_counterpart/requests?vendor=okta&short=true`)).json();
  return entries.map((entry) => `${entry.method} /${entry.path.split("?")[0].split("/okta/")[1]} ${entry.status}`);
}

async function run() {
  const port = site.address().port;
  const address = (host, session) => `http://${host}:${port}/?okta=${encodeURIComponent(`${base}/@${session}/okta`)}`;

  // An origin that is trusted: from the password to the access token.
  const trusted = await visit(address("127.0.0.1", "okta-trusted"));
  assert.deepStrictEqual(trusted, {
    origin: `http://127.0.0.1:${port}`,
    wrong: { name: "AuthApiError", code: "E0000004", message: "Authentication failed" },
    status: "SUCCESS",
    // An error can be read too, but of its headers only those that are exposed.
    plain: { status: 401, id: true, internal: null },
    patch: "TypeError",
    user: { sub: "00u1", name: "Ann", preferred_username: "ann@example.com" },
    stolen: "PKCE verification failed.",
    used: "The authorization code is invalid or has expired.",
  });
  // How often it asked whether it may is the browser's own affair.
  const done = (await requests("okta-trusted")).filter((request) => !request.startsWith("OPTIONS"));
  assert.deepStrictEqual(done, [
    "POST /api/v1/authn 401",
    "POST /api/v1/authn 200",
    "GET /oauth2/v1/userinfo 401",
    "GET /.well-known/openid-configuration 200",
    "GET /oauth2/v1/authorize 302",
    "POST /oauth2/v1/token 400",
    "POST /oauth2/v1/token 200",
    "GET /oauth2/v1/userinfo 200",
    "POST /oauth2/v1/token 400",
  ]);

  // One that is not: the browser asks, and sends nothing after that; what it may send unasked it keeps.
  const foreign = await visit(address("localhost", "okta-foreign"));
  assert.deepStrictEqual(foreign, {
    origin: `http://localhost:${port}`,
    wrong: { name: "AuthApiError", message: "Failed to fetch" },
    status: null,
    plain: "TypeError",
    patch: "TypeError",
  });
  const asked = await requests("okta-foreign");
  assert.ok(asked.includes("OPTIONS /api/v1/authn 204"), asked);
  assert.deepStrictEqual(asked.filter((request) => !request.startsWith("OPTIONS")), ["GET /oauth2/v1/userinfo 401"]);
}

site.listen(0, "127.0.0.1", () =>
  run()
    .catch((error) => {
      console.error(error);
      process.exitCode = 1;
    })
    .finally(() => {
      site.close();
      site.closeAllConnections();
    }),
);
