#!/usr/bin/env bash
# needs: postgresql
# The speed of handling messages: in relation to what PostgreSQL itself, or reading, can do on this machine, or to
# a mark. Each ratio is at least as high as it should be.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
results=${MISAS_PROOF_DIR:?is set by ./dev prove}/bench.json

"$top/dev" bench --json "$results" load_aggregate commands_in_process_1 commands_in_process_2 \
    projection_catch_up predictions_due memory_commands

python3 - "$results" <<'PYTHON'
import json
import sys

AT_LEAST = {
    "load_aggregate": 0.6,
    "commands_in_process_1": 0.6,
    "commands_in_process_2": 0.6,
    "projection_catch_up": 1,
    "predictions_due": 1,
}
REPORTED = ["memory_commands", "memory_send_and_wait_us"]

entries = {entry["name"]: entry for entry in json.load(open(sys.argv[1]))}
figures, missed = [], []

for name, mark in AT_LEAST.items():
    ratio = entries.get(name, {}).get("ratio")
    figures.append(f"{name}={ratio}")
    if ratio is None or ratio < mark:
        missed.append(f"{name}: ratio {ratio}, at least {mark} wanted")
for name in REPORTED:
    figures.append(f"{name}={entries.get(name, {}).get('value')}")

print("\n".join(missed))
print("figures:", *figures)
sys.exit(1 if missed else 0)
PYTHON
