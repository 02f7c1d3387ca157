"""check_output.py PROGRAM memory|postgresql: the example prints expected_output.txt.

On PostgreSQL it runs in a database of its own, twice: the second time what it finds is not empty."""

import difflib
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from own_database import own_database

EXPECTED = pathlib.Path(__file__).with_name("expected_output.txt").read_text(encoding="utf-8")


def check(*command):
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    if printed != EXPECTED:
        sys.exit("".join(difflib.unified_diff(EXPECTED.splitlines(True), printed.splitlines(True), "expected", "printed")))


program, place = sys.argv[1:]
if place == "memory":
    check(program)
else:
    with own_database():
        check(program, "--postgresql")
        check(program, "--postgresql")
