#!/usr/bin/env python3
"""The committed day comes to the figures of the file, however it is told: day_test.py PROGRAM"""

import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import uuid
from datetime import datetime, timezone
from pathlib import Path

FLIGHTS = Path(__file__).resolve().parent.parent
DAY = FLIGHTS / "data" / "2013-04-17.csv"
AIRPORTS = FLIGHTS / "data" / "airports.csv"
IN_MEMORY = {"MISAS_STORAGE": "memory"}

sys.path.insert(0, str(FLIGHTS))
import figures  # noqa: E402 # the folder must be known before

program = None


def publish():
    command = [sys.executable, FLIGHTS / "publish.py", "--airports", AIRPORTS, DAY]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines(keepends=True)


@contextlib.contextmanager
def database():
    """The settings of a database of our own."""
    server, name = os.environ["MISAS_POSTGRESQL"], f"test_flights_{uuid.uuid4().hex}"
    subprocess.run(["psql", server, "--quiet", "-c", f"create database {name}"], check=True)
    try:
        address = urllib.parse.urlsplit(server)._replace(path=f"/{name}").geturl()
        yield {"MISAS_STORAGE": "postgresql", "MISAS_POSTGRESQL": address, "MISAS_MIGRATE": "yes"}
    finally:
        subprocess.run(["psql", server, "--quiet", "-c", f"drop database {name} with (force)"], check=True)


class Day(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.lines = publish()
        cls.of_file = figures.figures_of(DAY)

    def run_program(self, lines, settings):
        """How it ended, and the figures it wrote, if any."""
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "figures.json"
            ended = subprocess.run(
                [program],
                input="".join(lines),
                env=os.environ | settings | {"FLIGHTS_JSON": str(written), "FLIGHTS_BOARD": "lines"},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            return ended, json.loads(written.read_text()) if written.exists() else None

    def assert_matches(self, lines, settings):
        ended, found = self.run_program(lines, settings)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(found, self.of_file)
        return ended

    def test_in_memory(self):
        ended = self.assert_matches(self.lines, IN_MEMORY)
        self.assertIn("2924 accepted, 0 refused", ended.stdout)

    def test_on_postgresql_and_once_more_where_it_is_known_already(self):
        with database() as settings:
            self.assert_matches(self.lines, settings)
            self.assert_matches(self.lines, settings)

    def test_with_figures_that_are_made_anew(self):
        with database() as settings:
            self.assert_matches(self.lines, settings)
            reset = [program, "processors", "reset", "statistics.projections"]
            subprocess.run(reset, check=True, env=os.environ | settings, capture_output=True)
            self.assert_matches(self.lines, settings)

    def test_in_any_order(self):
        shuffled = self.lines[1:-1]
        random.Random(17).shuffle(shuffled)
        self.assert_matches([self.lines[0], *shuffled, self.lines[-1]], IN_MEMORY)

    def test_each_command_twice(self):
        self.assert_matches([line for line in self.lines for _ in range(2)], IN_MEMORY)

    def test_with_a_clock_that_is_ahead(self):
        ahead = {"FLIGHTS_CLOCK": "system"}  # of the data; it is the machine's
        self.assert_matches(self.lines, IN_MEMORY | ahead)

    def test_with_a_clock_of_its_own_that_passes_the_day_meanwhile(self):
        clock = {
            "FLIGHTS_CLOCK": "system",
            "MISAS_CLOCK_ORIGIN": "2013-04-17T08:00:00Z",
            "MISAS_CLOCK_ANCHOR": datetime.now(timezone.utc).isoformat(),
            "MISAS_CLOCK_RATE": "60000",
        }
        self.assert_matches(self.lines, IN_MEMORY | clock)

    def test_an_input_that_is_cut_is_reported(self):
        ended, found = self.run_program(self.lines[:2000], IN_MEMORY)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("the input has ended", ended.stderr)
        self.assertIsNone(found)

    def test_a_line_that_is_no_command_is_reported(self):
        ended, found = self.run_program([*self.lines[:10], '{"type": "flights.v1.Nothing"}\n'], IN_MEMORY)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("flights.v1.Nothing", ended.stderr)
        self.assertIsNone(found)


if __name__ == "__main__":
    program = sys.argv.pop(1)
    unittest.main()
