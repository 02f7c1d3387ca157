#!/usr/bin/env bash
# needs: postgresql
# The flights of January come to the figures of the file, although the program is killed twenty times on the way.
# MISAS_PROOF_KILLS and MISAS_PROOF_SECONDS, about how long it takes without, shorten it for a trial.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
folder=${MISAS_PROOF_DIR:?is set by ./dev prove}
kills=${MISAS_PROOF_KILLS:-20}
seconds=${MISAS_PROOF_SECONDS:-20}
month=2013-01

# shellcheck source=framework/tools/dev/common.sh
source "$top/framework/tools/dev/common.sh"
# shellcheck source=framework/tools/dev/setup.sh
source "$top/framework/tools/dev/setup.sh"
# shellcheck source=framework/tools/dev/demo.sh
source "$top/framework/tools/dev/demo.sh"

"$top/dev" build release >/dev/null
state=$MISAS_STATE_DIR
download_flights

export MISAS_SCHEMA=proof_kill_demo MISAS_MIGRATE=yes FLIGHTS_BOARD=off FLIGHTS_JSON=$folder/figures.json
drop_schema "$MISAS_SCHEMA"

publish() {
    exec python3 "$flights/publish.py" --date "$month" --airports "$demo_data/airports.csv" \
        "$demo_data/flights.csv.zip" 2>>"$folder/publisher.log"
}

# The program in the background, with the whole month to come.
begin() {
    "$top/build/release/examples/flights/flights" < <(publish) >"$folder/said" 2>>"$folder/program.log" &
    program=$!
}

# Later and later, so that each gets further than the one before.
for ((i = 0; i < kills; i++)); do
    begin
    sleep "$(((seconds * 1000 * i + RANDOM % (seconds * 1000)) / kills))e-3"
    kill -9 "$program" 2>/dev/null || fail "the program has ended before it was killed; it takes less than $seconds s"
    wait "$program" || true
    say "killed $((i + 1)) times"
done

started=$SECONDS
begin
wait "$program" || fail "it does not end well: $(tail -3 "$folder/program.log")"
cat "$folder/said"
drop_schema "$MISAS_SCHEMA"
python3 "$flights/figures.py" --date "$month" --compare "$FLIGHTS_JSON" "$demo_data/flights.csv.zip"
echo "figures: kills=$kills last_run_seconds=$((SECONDS - started))"
