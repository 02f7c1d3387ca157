"""check_program.py PROGRAM memory|postgresql: the sessions take the course that is written down.

On PostgreSQL in a database of its own, with a restart and a reset of the projection in between."""

import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from own_database import own_database
from play_session import play

SESSIONS = pathlib.Path(__file__).with_name("sessions")


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def check_in_memory(program):
    play(f"MISAS_STORAGE=memory {program}", SESSIONS / "first.txt")
    play(f"MISAS_STORAGE=memory MISAS_CLOCK_ANCHOR=$(date -u +%FT%TZ) MISAS_CLOCK_RATE=1000000 {program}",
         SESSIONS / "overdue.txt")


def check_on_postgresql(program):
    run(program, "migrate")
    play(program, SESSIONS / "first.txt")
    if "loans.readers" not in run(program, "processors", "list"):
        sys.exit("the processor loans.readers is not listed")
    run(program, "processors", "reset", "loans.readers")
    play(program, SESSIONS / "second.txt")


program, place = sys.argv[1:]
if place == "memory":
    check_in_memory(program)
else:
    with own_database():
        check_on_postgresql(program)
