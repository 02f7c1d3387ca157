#!/usr/bin/env bash
# needs: tools
# Each decoder of received bytes withstands ten minutes of libFuzzer without a crash, leak or hang.
# MISAS_FUZZ_SECONDS shortens it for a trial.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
scratch=${MISAS_PROOF_DIR:?is set by ./dev prove}
seconds=${MISAS_FUZZ_SECONDS:-600}

"$top/dev" build fuzz

# fuzz PROGRAM: in its own folder, on a copy of the corpus.
fuzz() {
    local folder=$scratch/$1 corpus=$top/framework/tests/fuzz/corpus/${1%_fuzz}

    mkdir -p "$folder/corpus" "$folder/artifacts"
    if [ -d "$corpus" ]; then cp -r "$corpus/." "$folder/corpus"; fi
    "$top/build/fuzz/framework/tests/fuzz/$1" -max_total_time="$seconds" -timeout=10 -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="$folder/artifacts/" "$folder/corpus" >"$folder/log" 2>&1
}

status=0
programs=0
executions=0
figures=
for source in "$top"/framework/tests/fuzz/*_fuzz.c; do
    [ -e "$source" ] || continue
    name=$(basename "$source" .c)
    echo "$name: $seconds s"
    if ! fuzz "$name"; then
        tail -n 40 "$scratch/$name/log"
        status=1
    fi
    count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/$name/log")
    programs=$((programs + 1))
    executions=$((executions + ${count:-0}))
    figures+=" $name=${count:-failed}"
done
artifacts=$(find "$scratch" -path '*/artifacts/*' -type f | wc -l)

echo "figures: targets=$programs executions=$executions artifacts=$artifacts$figures"
[ "$status" = 0 ] && [ "$programs" -gt 0 ] && [ "$artifacts" = 0 ]
