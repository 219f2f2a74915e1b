#!/usr/bin/env bash
# Makes the first inputs of a target from what lies about here: seeds.sh TARGET FOLDER
set -euo pipefail
target=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."

# add PREFIX FILE...: each file as an input, with something before it.
add() {
    local prefix=$1 file
    shift
    for file in "$@"; do
        [ -f "$file" ] || continue
        { printf '%b' "$prefix"; cat "$file"; } >"$folder/$(echo "$prefix$file" | cksum | tr ' ' -)"
    done
}

case $target in
specs) add '' specs/*.yaml tests/vendors/*.yaml tests/diagnostics/*.yaml examples/*/*.yaml fuzz/engine.yaml ;;
scenarios) add '' scenarios/*/*.yaml tests/scenario_diagnostics/*.yaml ;;
importers)
    add '\0' tests/import/*/*.yaml tests/import/*.yaml tests/import/*/*.json tests/export/*.yaml
    add '\1' tests/import/*postman*/* tests/import/*postman*
    add '\2' tests/import/*har*/* tests/import/*.har
    add '\3' tests/import/*curl*/* tests/import/*curl*
    ;;
wires)
    add '\0' tests/wire/json/*.body
    add '\1' tests/wire/form/*.body
    add '\2' tests/wire/form/*.body
    add '\3' tests/wire/xml/*.body
    add '\4' tests/wire/soap/*.body
    ;;
differ)
    add '\0' tests/wire/json/*.body
    add '\1' tests/wire/xml/*.body tests/wire/soap/*.body
    ;;
esac
add '' fuzz/seeds/"$target"/*
