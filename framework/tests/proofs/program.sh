# shellcheck shell=bash
# For proofs that are test programs, run for longer than in the ordinary tests.

# run_program NAME: its line of figures comes last.
run_program() {
    local top said=${MISAS_PROOF_DIR:?is set by ./dev prove}/said status=0

    top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
    "$top/dev" build release >/dev/null
    "$top/build/release/framework/tests/$1" 2>&1 | tee "$said" || status=$?
    grep '^figures: ' "$said" || status=1
    return "$status"
}
