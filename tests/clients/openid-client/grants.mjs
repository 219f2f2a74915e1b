// openid-client, a certified OAuth 2 and OpenID client that is strict about the RFCs: all four grants.
import assert from "node:assert";
import { createRequire } from "node:module";

// A module finds packages beside itself; NODE_PATH is for CommonJS.
const oauth = await import(createRequire(import.meta.url).resolve("openid-client"));

const base = process.argv[2];
const identity = `${base}/@openid-client/identity`;
const server = { issuer: identity, authorization_endpoint: `${identity}/authorize`, token_endpoint: `${identity}/token` };

function client(id, authentication) {
  const made = new oauth.Configuration(server, id, undefined, authentication);
  oauth.allowInsecureRequests(made); // the mock speaks plain HTTP on this machine
  return made;
}

const app = client("app", oauth.ClientSecretPost("s3cret:+"));
const web = client("web", oauth.ClientSecretBasic("plainsecret"));
const basic = client("app", oauth.ClientSecretBasic("s3cret:+"));
const phone = client("phone", oauth.None());

async function refused(request, code, status) {
  const error = await request.then(() => assert.fail(`was not refused with ${code}`), (error) => error);
  // Of an answer with a challenge the library tells that, and not the body.
  const said = error.error ?? error.cause?.[0]?.scheme;
  assert.deepStrictEqual([said, error.status], [code, status], String(error.cause ?? error));
}

async function me(token, method = "GET") {
  const answer = await oauth.fetchProtectedResource(app, token, new URL(`${identity}/me`), method).catch((error) => error);
  return answer instanceof Error ? answer.cause?.[0]?.parameters ?? answer : answer.status === 204 ? null : answer.json();
}

const advance = (by) =>
  fetch(`${base}/@openid-client/_counterpart/clock/advance`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ by }) });

// The client's own token, for an hour by the mock's clock.
for (const [id, configuration] of [["app", app], ["app", basic], ["web", web]]) {
  const own = await oauth.clientCredentialsGrant(configuration, { scope: "read" });
  assert.deepStrictEqual([own.token_type, own.expires_in, own.scope, own.refresh_token], ["bearer", 3600, "read", undefined]);
  assert.deepStrictEqual(await me(own.access_token), { client: id, user: null, scopes: ["read"] });
  assert.strictEqual((await me(own.access_token, "PUT")).error, "insufficient_scope");
}
const own = await oauth.clientCredentialsGrant(app, { scope: "read" });
await advance("PT1H");
assert.deepStrictEqual(await me(own.access_token), { error: "invalid_token", error_description: "The access token expired" });
await refused(oauth.clientCredentialsGrant(client("app", oauth.ClientSecretPost("another"))), "basic", 401);
await refused(oauth.clientCredentialsGrant(client("web", oauth.ClientSecretBasic("another"))), "basic", 401);
await refused(oauth.clientCredentialsGrant(phone), "unauthorized_client", 400);
await refused(oauth.clientCredentialsGrant(app, { scope: "read admin" }), "invalid_scope", 400);
await refused(oauth.genericGrantRequest(phone, "device", {}), "unsupported_grant_type", 400);

// A user's password, and the pair after it.
await refused(oauth.genericGrantRequest(phone, "password", { username: "ann", password: "no" }), "invalid_grant", 400);
const first = await oauth.genericGrantRequest(phone, "password", { username: "ann", password: "pw" });
assert.strictEqual((await me(first.access_token)).user, "ann");
const second = await oauth.refreshTokenGrant(phone, first.refresh_token);
assert.notStrictEqual(second.refresh_token, first.refresh_token);
assert.strictEqual((await me(second.access_token)).user, "ann");
await refused(oauth.refreshTokenGrant(phone, first.refresh_token), "invalid_grant", 400);
await refused(oauth.refreshTokenGrant(app, second.refresh_token), "invalid_grant", 400);

// A code with PKCE, for a client without a secret and for one with.
async function consent(configuration, redirect, state, verifier) {
  const parameters = { redirect_uri: redirect, scope: "read", state, code_challenge_method: "S256", code_challenge: await oauth.calculatePKCECodeChallenge(verifier) };
  const answer = await fetch(oauth.buildAuthorizationUrl(configuration, parameters), { redirect: "manual" });
  return answer.status === 302 ? new URL(answer.headers.get("location")) : (await answer.json()).error;
}
assert.strictEqual(await consent(phone, "http://127.0.0.1/back", "s", oauth.randomPKCECodeVerifier()), "invalid_request");
for (const [configuration, redirect] of [[phone, "app://back"], [web, "http://127.0.0.1/back"]]) {
  const [verifier, state] = [oauth.randomPKCECodeVerifier(), oauth.randomState()];
  const checks = { pkceCodeVerifier: verifier, expectedState: state };
  const back = await consent(configuration, redirect, state, verifier);
  await refused(oauth.authorizationCodeGrant(configuration, back, { ...checks, pkceCodeVerifier: oauth.randomPKCECodeVerifier() }), "invalid_grant", 400);
  const tokens = await oauth.authorizationCodeGrant(configuration, back, checks);
  assert.strictEqual((await me(tokens.access_token)).user, "ann");
  await refused(oauth.authorizationCodeGrant(configuration, back, checks), "invalid_grant", 400);
  const late = await consent(configuration, redirect, state, verifier);
  await advance("PT10M");
  await refused(oauth.authorizationCodeGrant(configuration, late, checks), "invalid_grant", 400);
}

// A token about the user, which is verified by the keys that the provider serves.
const { generateKeyPairSync } = await import("node:crypto");
const provider = await oauth.discovery(new URL(`${identity}/.well-known/openid-configuration`), "app", undefined, oauth.ClientSecretBasic("s3cret:+"), {
  execute: [oauth.allowInsecureRequests, oauth.enableNonRepudiationChecks],
});
async function signedIn() {
  const [verifier, state, nonce] = [oauth.randomPKCECodeVerifier(), oauth.randomState(), oauth.randomNonce()];
  const url = oauth.buildAuthorizationUrl(provider, {
    redirect_uri: "http://127.0.0.1/back", scope: "openid read", state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
  });
  const answer = await fetch(url, { redirect: "manual" });
  const back = new URL(answer.headers.get("location"));
  return oauth.authorizationCodeGrant(provider, back, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
}
const user = await signedIn();
assert.deepStrictEqual([user.claims().sub, user.claims().aud], ["ann", "app"]);
// Another key, of which the set that was read says nothing.
const other = generateKeyPairSync("rsa", { modulusLength: 2048, privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
const changed = await fetch(`${base}/@openid-client/_counterpart/state/identity/settings`, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ signing_key: other.privateKey }) });
assert.ok(changed.ok, await changed.text());
const wrong = await signedIn().then(() => assert.fail("a token of another key was taken"), (error) => error);
assert.match(String(wrong.cause?.message ?? wrong.message), /signature/i);
