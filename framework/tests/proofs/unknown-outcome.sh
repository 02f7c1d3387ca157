#!/usr/bin/env bash
# needs: postgresql
# Of commands whose connection is cut at the commit two hundred times (after it, before it, while it is held until
# the next try waits for it) each takes effect exactly once. MISAS_PROOF_CUTS shortens it for a trial.
set -euo pipefail

# shellcheck source=framework/tests/proofs/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/program.sh"

export MISAS_PROOF_CUTS=${MISAS_PROOF_CUTS:-200}
run_program unknown_outcome_proof
