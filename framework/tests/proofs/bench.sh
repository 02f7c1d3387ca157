#!/usr/bin/env bash
# needs: postgresql
# The event store's speed in relation to what PostgreSQL itself can do on this machine: each ratio is at
# least as high as it should be.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
results=${MISAS_PROOF_DIR:?is set by ./dev prove}/bench.json

"$top/dev" bench --json "$results" append_1_new append_1_existing append_100_one_client append_100 \
    read_stream read_stream_scattered read_all size_flatness high_water_mark_lag_ms_p99

python3 - "$results" <<'PYTHON'
import json
import sys

AT_LEAST = {
    "append_1_new": 0.85,
    "append_1_existing": 0.85,
    "append_100_one_client": 0.7,
    "append_100": 0.6,
    "read_stream": 0.6,
    "read_all": 0.6,
    "size_flatness": 0.85,
}
LAG, LAG_AT_MOST_MS = "high_water_mark_lag_ms_p99", 25

entries = {entry["name"]: entry for entry in json.load(open(sys.argv[1]))}
figures, missed = [], []

for name, mark in AT_LEAST.items():
    ratio = entries.get(name, {}).get("ratio")
    figures.append(f"{name}={ratio}")
    if ratio is None or ratio < mark:
        missed.append(f"{name}: ratio {ratio}, at least {mark} wanted")

lag = entries.get(LAG, {}).get("value")
figures.append(f"{LAG}={lag}")
if lag is None or lag > LAG_AT_MOST_MS:
    missed.append(f"{LAG}: {lag}, at most {LAG_AT_MOST_MS} wanted")

print("\n".join(missed))
print("figures:", *figures)
sys.exit(1 if missed else 0)
PYTHON
