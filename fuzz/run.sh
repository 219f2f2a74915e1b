#!/usr/bin/env bash
# Fuzzes each target, or those that are named, guided by coverage.
#
#   fuzz/run.sh SECONDS [TARGET...]   0 seconds: only what was found before is tried again
#
# What is tried first is made of the specs, scenarios and test data here (seeds.sh) and of
# corpus/TARGET, which is kept. A finding is written to fuzz/found/TARGET; once it is mended it is
# moved to corpus/TARGET, so that it stays so. Sanitizer coverage needs no other compiler than the
# stable one.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?how many seconds each target is fuzzed}
shift
all=(specs scenarios importers wires expressions selectors differ masking engine)
[ $# -gt 0 ] && all=("$@")

export RUSTFLAGS="-Cpasses=sancov-module \
-Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
--cfg fuzzing"
host=$(rustc -vV | sed -n 's/^host: //p')
# With a target named, build scripts and macros are built without what fuzzing adds.
cargo build --locked --release --target "$host"
fuzzer=target/$host/release/counterpart-fuzz

failed=
printf '%-12s %12s %10s %9s\n' target executions inputs findings
for target in "${all[@]}"; do
    work=target/work/$target
    mkdir -p "$work" "found/$target" "corpus/$target"
    ./seeds.sh "$target" "target/seeds/$target"
    limits=(-timeout=120 -rss_limit_mb=2048 -max_len=16384 "-artifact_prefix=found/$target/")
    [ -f "words/$target.dict" ] && limits+=("-dict=words/$target.dict")
    time=(-runs=0)
    [ "$seconds" = 0 ] || time=("-max_total_time=$seconds")
    log=target/work/$target.log
    if ! COUNTERPART_FUZZ=$target "$fuzzer" "${limits[@]}" "${time[@]}" -print_final_stats=1 \
        "$work" "corpus/$target" "target/seeds/$target" >"$log" 2>&1; then
        failed=1
        tail -40 "$log"
    fi
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    printf '%-12s %12s %10s %9s\n' "$target" "${executions:-?}" "$(find "$work" -type f | wc -l)" \
        "$(find "found/$target" -type f | wc -l)"
done
[ -z "$failed" ]
