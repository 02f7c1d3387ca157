#!/usr/bin/env bash
# needs: postgresql
# The flights of January come to the figures of the file, although the program is killed twenty times on the way, and
# told everything from the beginning each time. MISAS_PROOF_KILLS and MISAS_PROOF_DATE shorten it for a trial.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
folder=${MISAS_PROOF_DIR:?is set by ./dev prove}
state=$MISAS_STATE_DIR
date=${MISAS_PROOF_DATE:-2013-01}

# shellcheck source=framework/tools/dev/common.sh
source "$top/framework/tools/dev/common.sh"
# shellcheck source=framework/tools/dev/setup.sh
source "$top/framework/tools/dev/setup.sh"
# shellcheck source=framework/tools/dev/demo.sh
source "$top/framework/tools/dev/demo.sh"

"$top/dev" build release >/dev/null
download_flights
export MISAS_SCHEMA=proof_kill_demo MISAS_MIGRATE=yes FLIGHTS_BOARD=off FLIGHTS_JSON=$folder/figures.json
drop_schema "$MISAS_SCHEMA"
python3 "$flights/publish.py" --date "$date" --airports "$demo_data/airports.csv" "$demo_data/flights.csv.zip" \
    >"$folder/lines"

python3 - "$top/build/release/examples/flights/flights" "$folder/lines" "${MISAS_PROOF_KILLS:-20}" <<'PYTHON'
import random
import subprocess
import sys
import time

program, kills = sys.argv[1], int(sys.argv[3])
lines = open(sys.argv[2], "rb").readlines()


def begin():
    return subprocess.Popen([program], stdin=subprocess.PIPE)


# Each gets further than the one before. What was written last is then still on its way.
for i in range(kills):
    count = random.randrange(len(lines) * i // kills, len(lines) * (i + 1) // kills)
    running = begin()
    running.stdin.write(b"".join(lines[:count]))
    time.sleep(random.random() / 10)
    if running.poll() is not None:
        sys.exit("it has ended by itself")
    running.kill()
    running.communicate()
    print(f"killed after {count} of {len(lines)} lines", flush=True)

running = begin()
running.communicate(b"".join(lines))
sys.exit(running.returncode)
PYTHON

drop_schema "$MISAS_SCHEMA"
python3 "$flights/figures.py" --date "$date" --compare "$FLIGHTS_JSON" "$demo_data/flights.csv.zip"
echo "figures: kills=${MISAS_PROOF_KILLS:-20} lines=$(wc -l <"$folder/lines")"
