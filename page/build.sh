#!/usr/bin/env bash
# Makes the page of the control plane one document: src/control/page.html, or the file that is
# named. `tests/tools.sh page` installs what it needs into target/tools/page.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd .. && pwd)
out=${1:-$root/src/control/page.html}
export NODE_PATH=$root/target/tools/page/node_modules
esbuild() { "$NODE_PATH/.bin/esbuild" --log-level=warning --minify --charset=utf8 "$@"; }

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
esbuild src/main.jsx --bundle --format=esm --target=es2022 --jsx=automatic \
    --jsx-import-source=preact --legal-comments=none --outfile="$made/page.js"
esbuild src/style.css --outfile="$made/page.css"
{
    cat <<'HEAD'
<!doctype html>
<!--
Made by page/build.sh of what is in page/; do not edit.
It contains Preact, which has this licence:

HEAD
    cat "$NODE_PATH/preact/LICENSE"
    cat <<'HEAD'
-->
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>counterpart</title>
<link rel="icon" href="data:,">
HEAD
    printf '<style>'
    cat "$made/page.css"
    printf '</style>\n<body>\n<div id="page"></div>\n'
    printf '<noscript>This page needs JavaScript. The control plane can be used without it.</noscript>\n'
    printf '<script type="module">'
    cat "$made/page.js"
    printf '</script>\n'
} >"$made/page.html"
mv "$made/page.html" "$out"
