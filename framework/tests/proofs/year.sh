#!/usr/bin/env bash
# needs: postgresql
# The year of flights, about a million commands, comes to the figures of the file.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
said=${MISAS_PROOF_DIR:?is set by ./dev prove}/said
overdue=78805 # so many, by the file

"$top/dev" demo --full --json "$MISAS_PROOF_DIR/figures.json" 2>&1 | tee "$said"
sed -nE 's/^took +([0-9.]+) s, and ([0-9]+) MiB.*/figures: seconds=\1 peak_memory_mib=\2/p' "$said" | grep .
grep -qE "\"overdue\": $overdue\}" "$MISAS_PROOF_DIR/figures.json" && grep -qx 'matches the file: yes' "$said"
