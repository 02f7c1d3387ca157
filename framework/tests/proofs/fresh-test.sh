#!/usr/bin/env bash
# needs: tools
# On a machine with nothing but Debian 12, as debootstrap makes it, a clone of the commit and one
# command is all it takes: ./dev test installs, builds, and all tests pass. Needs root.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
scratch=${MISAS_PROOF_DIR:?is set by ./dev prove}
root=$scratch/root
log=$scratch/test.log
limit_seconds=900

# shellcheck source=framework/tests/proofs/debian.sh
source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

make_debian
clone_commit

started=$SECONDS
status=0
in_debian bash -c 'cd /srv/misas && ./dev test && ./dev status' >"$log" 2>&1 || status=$?
seconds=$((SECONDS - started))
setup_seconds=$(sed -n 's/^installed in \([0-9]*\) s$/\1/p' "$log")
tail -n 30 "$log"

# Once for each preset in ctest's own output, and once more in the summary.
passed=$(grep -c '^100% tests passed, 0 tests failed out of [1-9]' "$log" || true)
left=$(grep -c '^PostgreSQL is down' "$log" || true)
echo "figures: seconds=$seconds of_these_setup=$setup_seconds tests=$(sed -n 's/^100% .* out of //p' "$log" | head -1)"
[ "$status" = 0 ] && [ "$passed" = 4 ] && [ "$left" = 1 ] &&
    [ "$seconds" -le "$limit_seconds" ]
