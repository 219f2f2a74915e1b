#!/usr/bin/env bash
# Installs what packages/build.sh has built, each in a place of its own where nothing else of this
# project is to be found, and uses it there.
#
#   packages/test.sh [archive] [action] [deb] [npm] [python] [sbom]      all, without arguments
#
# The Debian package is installed for real, so it is only tested by root on Debian.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- archive action deb npm python sbom
packages=$PWD/target/packages
sources=$PWD/packages
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
unset COUNTERPART_MOCK COUNTERPART_TEST

# A first vendor from nothing, with whatever `counterpart-mock` and `counterpart-test` are found.
first_vendor() {
    mkdir "$place/first-$1"
    (
        cd "$place/first-$1"
        counterpart-mock init >/dev/null
        counterpart-mock check
        counterpart-test run
        cd "$(mktemp -d -p "$place")"
        counterpart-test run --builtin --tag smoke
    )
}

archive() {
    local file
    file=$(ls "$packages"/counterpart-*.tar.gz)
    (cd "$packages" && { sha256sum -c "$file.sha256" 2>/dev/null || shasum -a 256 -c "$file.sha256"; })
    mkdir "$place/archive"
    tar -xzf "$file" -C "$place/archive" --strip-components 1
    PATH=$place/archive:$PATH first_vendor archive
}

# The action of GitHub, as a job there runs its two steps.
action() {
    mkdir -p "$place/action/temporary" "$place/action/workspace"
    (
        cd "$place/action/workspace"
        export RUNNER_TEMP=$place/action/temporary GITHUB_PATH=$place/action/path
        PACKAGE=$(ls "$packages"/counterpart-*.tar.gz) "$sources/action/install.sh"
        PATH=$(cat "$GITHUB_PATH"):$PATH
        counterpart-mock init >/dev/null
        export GITHUB_STEP_SUMMARY=$place/action/summary.md JUNIT=junit.xml
        ARGUMENTS='scenarios "a note"' "$sources/action/run.sh"
        grep -q '^## ✅ [1-9][0-9]* passed' "$GITHUB_STEP_SUMMARY"
        test -s junit.xml
        sed -i.before 's/status: 201/status: 500/' scenarios/notes/*.yaml
        ! "$sources/action/run.sh" >annotations
        grep -q '^::error file=scenarios/' annotations
        grep -q '^### Failed' "$GITHUB_STEP_SUMMARY"
    )
}

deb() {
    if [ "$(id -u)" != 0 ] || ! command -v dpkg >/dev/null; then
        echo "SKIPPED deb: only root on Debian can install it"
        return
    fi
    dpkg --install "$packages"/counterpart_*.deb >/dev/null
    PATH=/usr/bin:/bin first_vendor deb
    test -s /usr/share/man/man1/counterpart-mock-serve.1.gz
    dpkg --purge counterpart >/dev/null
    ! test -e /usr/bin/counterpart-mock
}

npm() {
    mkdir "$place/npm"
    (
        cd "$place/npm"
        echo '{"private": true}' >package.json
        # The front asks for the other platforms' packages too, which npm passes over.
        command npm install --silent --no-audit --no-fund --no-save "$packages"/counterpart-*.tgz
        cp -r "$sources/npm/tests" .
        node --test tests/package.test.js
        command npm install --silent --no-audit --no-fund --no-save "$packages"/counterpart-*.tgz vitest@4 jest@30 typescript@5
        npx --no-install vitest run tests/vitest.test.mjs
        npx --no-install jest --rootDir . tests/jest.spec.js
        echo 'import { useMock } from "counterpart"; useMock({ specs: "specs", seed: 1 }).session.advance("PT1H");' >typed.ts
        npx --no-install tsc --noEmit --strict --skipLibCheck --module nodenext --moduleResolution nodenext typed.ts
    )
    PATH=$place/npm/node_modules/.bin:$PATH first_vendor npm
}

python() {
    python3 -m venv "$place/python"
    "$place/python/bin/pip" install --quiet --disable-pip-version-check "$packages"/counterpart-*.whl pytest pytest-xdist
    (cd "$place" && "$place/python/bin/python" -m pytest -q -n 2 -p pytester -p no:cacheprovider "$sources/python/tests")
    PATH=$place/python/bin:$PATH first_vendor python
}

# Read by the authors of CycloneDX, and held against what cargo says the programs are made of.
sbom() {
    local target
    target=$(rustc -vV | sed -n 's/^host: //p')
    cargo tree --locked --target "$target" --edges normal,build --prefix none --format '{p}' >"$place/tree"
    target/tools/packages/bin/python packages/check_sbom.py "$packages"/counterpart-*.cdx.json "$place/tree"
}

for what in "$@"; do
    echo "--- $what"
    "$what"
done
echo "packages: $* can be installed and used"
