#!/usr/bin/env bash
# Checks specs and scenarios and runs the scenarios in a job of GitHub Actions. ARGUMENTS is what a
# shell would make arguments of.
set -euo pipefail
arguments=()
eval "arguments=(${ARGUMENTS:-})"
exec counterpart-test run "${arguments[@]}" \
    --report github --report "markdown=${GITHUB_STEP_SUMMARY:?}" --report "junit=${JUNIT:?}"
