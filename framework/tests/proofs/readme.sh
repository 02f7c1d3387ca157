#!/usr/bin/env bash
# README.md tells the truth: its code is that of the example, word for word; and a new clone in which its
# commands are run one after another, and its sessions typed, answers as it says.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
scratch=${MISAS_PROOF_DIR:?is set by ./dev prove}
clone=$scratch/clone
script=$scratch/script.sh
log=$scratch/script.log
longest_main=20

# The clone is a newcomer's: nothing from outside, and a PostgreSQL of its own.
for name in "${!MISAS_@}" "${!PG@}"; do unset "$name"; done
leave() {
    [ ! -x "$clone/dev" ] || "$clone/dev" down >/dev/null 2>&1 || true
    rm -rf "$clone"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

echo "== the blocks of README.md"
python3 "$top/framework/tools/check_examples.py" | tee "$scratch/blocks"
python3 "$top/framework/tests/readme_test.py"
blocks=$(sed -n 's/^\([1-9][0-9]*\) blocks of README.md$/\1/p' "$scratch/blocks")

echo "== what README.md says, in a new clone"
git clone --quiet "$top" "$clone"
{
    echo 'set -euo pipefail'
    # shellcheck disable=SC2016 # for the script
    echo 'talk() { python3 examples/loans/play_session.py "$(cat)" "$1"; }'
    echo 'set -v'
    python3 "$top/framework/tests/proofs/readme/script_of.py" "$clone/README.md" "Build a subsystem" "$scratch"
} >"$script"
cat "$script"
(cd "$clone" && bash "$script" </dev/null) >"$log" 2>&1 || {
    tail -n 50 "$log"
    exit 1
}
commands=$(grep -c '^    [^ ]' "$script")
sessions=$(grep -c '^talk ' "$script")
passed=$(grep -c '^passed ' "$log" || true)
failed=$(grep -c '^FAILED ' "$log" || true)
tests=$(sed -n 's/^100% tests passed, 0 tests failed out of \([1-9][0-9]*\)$/\1/p' "$log" | head -n 1)

echo "== main"
main_lines=$(awk '/^int main\(/ { inside = 1 } inside { lines++ } inside && /^}/ { exit } END { print lines + 0 }' \
    "$clone/examples/loans/main.c")

echo "figures: blocks=$blocks commands=$commands sessions=$sessions scenarios_passed=$passed" \
    "scenarios_failed=$failed tests_passed=${tests:-0} main_lines=$main_lines"
[ "$blocks" -gt 0 ] && [ "$sessions" -gt 0 ] && [ "$passed" -gt 0 ] && [ "$failed" = 0 ] && [ "${tests:-0}" -gt 0 ] &&
    [ "$main_lines" -gt 0 ] && [ "$main_lines" -le "$longest_main" ]
