#!/usr/bin/env bash
# needs: postgresql
# All tests pass under address, leak and undefined-behaviour sanitizers, and under the thread sanitizer,
# and no process that they start leaves a report.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
reports=${MISAS_PROOF_DIR:?is set by ./dev prove}/reports
mkdir -p "$reports"

# Into files, so that no report of a child process is lost.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:log_path=$reports/asan"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-}:log_path=$reports/ubsan"
export TSAN_OPTIONS="${TSAN_OPTIONS:-}:log_path=$reports/tsan"

status=0
"$top/dev" test asan tsan || status=1

count=$(find "$reports" -type f | wc -l)
find "$reports" -type f -exec cat {} +
tests=$(cat "$top"/build/{asan,tsan}/ctest.log | sed -n 's/.* tests failed out of //p' | paste -sd+ | sed 's/+/ + /')
echo "figures: reports=$count tests=$((${tests:-0}))"
[ "$status" = 0 ] && [ "$count" = 0 ]
