#!/usr/bin/env bash
# Puts the two programs on the PATH of a job of GitHub Actions: from the archive PACKAGE, or from
# the release TAG of REPOSITORY, whose checksum is looked at.
set -euo pipefail
place=${RUNNER_TEMP:?}/counterpart
mkdir -p "$place"

case "$(uname -s)-$(uname -m)" in
Linux-x86_64) target=x86_64-unknown-linux-gnu ;;
Linux-aarch64) target=aarch64-unknown-linux-gnu ;;
Darwin-x86_64) target=x86_64-apple-darwin ;;
Darwin-arm64) target=aarch64-apple-darwin ;;
MINGW*-x86_64 | MSYS*-x86_64) target=x86_64-pc-windows-msvc ;;
*)
    echo "::error::there is no package of counterpart for $(uname -s) on $(uname -m)"
    exit 1
    ;;
esac

if [ -z "${PACKAGE:-}" ]; then
    downloads=$(mktemp -d -p "$RUNNER_TEMP")
    gh release download "${TAG:?}" --repo "${REPOSITORY:?}" --dir "$downloads" \
        --pattern "counterpart-*-$target.*" --pattern SHA256SUMS
    (cd "$downloads" && sha256sum --check --strict --ignore-missing SHA256SUMS)
    PACKAGE=$(find "$downloads" -name "counterpart-*-$target.tar.gz" -o -name "counterpart-*-$target.zip")
fi

case "$PACKAGE" in
*.zip) unzip -q -o "$PACKAGE" -d "$place.zip" && cp -R "$place.zip"/*/. "$place" ;;
*) tar -xzf "$PACKAGE" -C "$place" --strip-components 1 ;;
esac
test -x "$place/counterpart-test" || test -x "$place/counterpart-test.exe"
echo "$place" >>"${GITHUB_PATH:?}"
