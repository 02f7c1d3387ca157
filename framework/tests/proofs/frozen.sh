#!/usr/bin/env bash
# needs: postgresql
# Of two processes the one that leads is stopped with SIGSTOP, in and outside a transaction, twenty times: the
# other takes over within 5 s, and nothing of the first is accepted any more. MISAS_PROOF_STOPS shortens it for a
# trial.
set -euo pipefail

# shellcheck source=framework/tests/proofs/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/program.sh"

export MISAS_PROOF_STOPS=${MISAS_PROOF_STOPS:-20}
run_program frozen_proof
