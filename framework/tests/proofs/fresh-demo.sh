#!/usr/bin/env bash
# needs: tools
# On a machine with nothing but Debian 12, as debootstrap makes it, a clone of the commit and one command is all it
# takes: ./dev demo installs, builds, runs, and its figures match the file. Once built, ./dev demo --memory is over in
# an instant. Needs root.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
scratch=${MISAS_PROOF_DIR:?is set by ./dev prove}
root=$scratch/root
log=$scratch/demo.log
limit_seconds=180
memory_limit_ms=5000

# shellcheck source=framework/tests/proofs/debian.sh
source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

now_ms() {
    date +%s%3N
}

make_debian
clone_commit

started=$SECONDS
status=0
in_debian bash -c 'cd /srv/misas && ./dev demo' >"$log" 2>&1 || status=$?
seconds=$((SECONDS - started))
setup_seconds=$(sed -n 's/^installed in \([0-9]*\) s$/\1/p' "$log")
tail -n 8 "$log"

started_ms=$(now_ms)
in_debian bash -c 'cd /srv/misas && ./dev demo --memory' >"$log.memory" 2>&1 || status=$?
memory_ms=$(($(now_ms) - started_ms))
tail -n 6 "$log.memory"

echo "figures: seconds=$seconds of_these_setup=$setup_seconds memory_ms=$memory_ms"
[ "$status" = 0 ] && grep -qx 'matches the file: yes' "$log" && grep -qx 'matches the file: yes' "$log.memory" &&
    [ "$seconds" -le "$limit_seconds" ] && [ "$memory_ms" -le "$memory_limit_ms" ]
