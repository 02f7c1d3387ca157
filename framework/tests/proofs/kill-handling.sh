#!/usr/bin/env bash
# needs: postgresql
# 50,000 commands take effect once, with the commands they send, the predictions they add and cancel and a
# projection of it all, although the process that handles them is killed fifty times.
# MISAS_PROOF_KILLS, MISAS_PROOF_COMMANDS and MISAS_PROOF_SECONDS shorten it for a trial.
set -euo pipefail

# shellcheck source=framework/tests/proofs/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/program.sh"

export MISAS_PROOF_KILLS=${MISAS_PROOF_KILLS:-50}
export MISAS_PROOF_COMMANDS=${MISAS_PROOF_COMMANDS:-50000}
export MISAS_PROOF_SECONDS=${MISAS_PROOF_SECONDS:-200}
run_program kill_handling_proof
