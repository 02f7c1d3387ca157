#!/usr/bin/env bash
# needs: postgresql
# A subscription delivers exactly what eight writers commit in a minute, in order, where a naive reader
# misses events. MISAS_PROOF_SECONDS shortens it for a trial.
set -euo pipefail

# shellcheck source=framework/tests/proofs/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/program.sh"

export MISAS_PROOF_SECONDS=${MISAS_PROOF_SECONDS:-60}
run_program high_water_mark_proof
