#!/usr/bin/env bash
# Tries the extension as it is packed: what is in the package, and what it does in a minimal host
# with the language server that is named, or with what `cargo build` makes. VS Code itself is not
# asked: no package registry has it.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
program=${1:-$root/target/debug/counterpart-mock}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
python3 -m zipfile -e "$root/target/packages/counterpart-$version.vsix" "$made"
node - "$made" "$version" <<'CHECK'
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const [made, version] = process.argv.slice(2);
const extension = path.join(made, "extension");
const manifest = JSON.parse(fs.readFileSync(path.join(extension, "package.json"), "utf8"));
assert.strictEqual(manifest.version, version);
assert.ok(fs.existsSync(path.join(extension, manifest.main)), manifest.main);
for (const { url } of manifest.contributes.yamlValidation) {
  const schema = JSON.parse(fs.readFileSync(path.join(extension, url), "utf8"));
  assert.match(schema.$schema, /draft-07/);
}
for (const name of ["[Content_Types].xml", "extension.vsixmanifest"]) {
  assert.ok(fs.existsSync(path.join(made, name)), name);
}
const others = fs.readdirSync(extension, { recursive: true }).filter((name) => /node_modules|src|test/.test(name));
assert.deepStrictEqual(others, []);
CHECK
node test/client.cjs "$made/extension" "$program"
