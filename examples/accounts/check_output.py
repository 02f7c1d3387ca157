"""check_output.py PROGRAM memory|postgresql: the example prints expected_output.txt.

On PostgreSQL it runs in a database of its own, twice: the second time what it finds is not empty."""

import contextlib
import difflib
import os
import pathlib
import subprocess
import sys
import urllib.parse
import uuid

EXPECTED = pathlib.Path(__file__).with_name("expected_output.txt").read_text(encoding="utf-8")


def check(*command):
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    if printed != EXPECTED:
        sys.exit("".join(difflib.unified_diff(EXPECTED.splitlines(True), printed.splitlines(True), "expected", "printed")))


@contextlib.contextmanager
def database_of_our_own():
    server = os.environ["MISAS_POSTGRESQL"]
    name = f"misas_test_accounts_{uuid.uuid4().hex}"
    subprocess.run(["psql", server, "--quiet", "-c", f"create database {name}"], check=True)
    try:
        os.environ["MISAS_POSTGRESQL"] = urllib.parse.urlsplit(server)._replace(path=f"/{name}").geturl()
        yield
    finally:
        subprocess.run(["psql", server, "--quiet", "-c", f"drop database {name} with (force)"], check=True)


program, place = sys.argv[1:]
if place == "memory":
    check(program)
else:
    with database_of_our_own():
        check(program, "--postgresql")
        check(program, "--postgresql")
