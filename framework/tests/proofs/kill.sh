#!/usr/bin/env bash
# needs: postgresql
# Nothing that was acknowledged is lost, or half there, when the server and the writers are killed twenty times;
# a follower sees it all in order. MISAS_PROOF_KILLS shortens it for a trial.
set -euo pipefail

# shellcheck source=framework/tests/proofs/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/program.sh"

export MISAS_PROOF_KILLS=${MISAS_PROOF_KILLS:-20}
run_program kill_proof
