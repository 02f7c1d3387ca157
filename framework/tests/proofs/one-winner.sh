#!/usr/bin/env bash
# needs: postgresql
# Of a hundred writers that append to one stream with the same expected version, one wins, a thousand times;
# the others are told both versions. MISAS_PROOF_ROUNDS shortens it for a trial.
set -euo pipefail

# shellcheck source=framework/tests/proofs/program.sh
source "$(dirname "${BASH_SOURCE[0]}")/program.sh"

export MISAS_PROOF_ROUNDS=${MISAS_PROOF_ROUNDS:-1000}
run_program one_winner_proof
