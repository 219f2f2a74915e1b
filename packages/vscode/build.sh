#!/usr/bin/env bash
# Makes the extension for VS Code, target/packages/counterpart-VERSION.vsix, and publishes nothing.
# `tests/tools.sh vscode` installs what it needs into target/tools/vscode.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
out=$root/target/packages
bin=$root/target/tools/vscode/node_modules/.bin
export NODE_PATH=$root/target/tools/vscode/node_modules

# What is packed is put together elsewhere, so that nothing else comes along.
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
node -e '
const manifest = require("./package.json");
delete manifest.devDependencies;
manifest.version = process.argv[1];
process.stdout.write(JSON.stringify(manifest, null, 2) + "\n");
' "$version" >"$made/package.json"
cp README.md "$made"
cp "$root/LICENSE-MIT" "$made/LICENSE"
mkdir "$made/dist"
cp "$root"/schemas/*.schema.json "$made/dist"
"$bin/esbuild" --log-level=warning --bundle --minify --platform=node --target=node20 \
    --external:vscode --legal-comments=inline --outfile="$made/dist/extension.js" src/extension.js
mkdir -p "$out"
(cd "$made" && "$bin/vsce" package --no-dependencies --allow-missing-repository --out "$out/counterpart-$version.vsix")
