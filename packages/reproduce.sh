#!/usr/bin/env bash
# Builds what is in target/packages a second time, from the files of the last commit, in another
# folder, under another umask, time zone and language, and compares byte by byte.
#
#   packages/reproduce.sh        after `packages/build.sh`, with nothing left to commit
set -euo pipefail
cd "$(dirname "$0")/.."
packages=$PWD/target/packages
ls "$packages"/counterpart-*.tar.gz >/dev/null || {
    echo "packages/reproduce.sh: there is nothing in target/packages; run packages/build.sh" >&2
    exit 2
}
git diff --quiet HEAD || {
    echo "packages/reproduce.sh: there are changes that are not committed, so a second build differs" >&2
    exit 2
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
sources=$place/in/another/folder
mkdir -p "$sources"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
git archive HEAD | tar -xf - -C "$sources"
[ ! -d target/tools ] || { mkdir "$sources/target" && ln -s "$PWD/target/tools" "$sources/target/tools"; }

what=(archive)
ls "$packages"/*.deb >/dev/null 2>&1 && what+=(deb)
ls "$packages"/*.tgz >/dev/null 2>&1 && what+=(npm)
ls "$packages"/*.whl >/dev/null 2>&1 && what+=(python)
ls "$packages"/*.cdx.json >/dev/null 2>&1 && what+=(sbom)
(
    unset CARGO_TARGET_DIR
    umask 027
    TZ=Pacific/Kiritimati LC_ALL=C "$sources/packages/build.sh" "${what[@]}"
)

differ=
for first in "$packages"/*; do
    second=$sources/target/packages/$(basename "$first")
    if cmp -s "$first" "$second"; then
        echo "the same  $(basename "$first")"
    else
        echo "differs   $(basename "$first")"
        differ=1
    fi
done
[ -z "$differ" ]
