#!/usr/bin/env bash
# needs: postgresql
# The same command, sent a hundred times at once to two services on one storage, takes effect once and is answered
# a hundred times alike, and again after both were restarted; a hundred rounds of six commands.
# MISAS_PROOF_ROUNDS shortens it for a trial.
set -euo pipefail

# shellcheck source=framework/tests/proofs/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/program.sh"

export MISAS_PROOF_ROUNDS=${MISAS_PROOF_ROUNDS:-100}
run_program same_id_proof
