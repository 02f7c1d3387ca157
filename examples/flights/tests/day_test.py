#!/usr/bin/env python3
"""The committed day comes to the figures of the file, however it is told; and what these two stand on:
day_test.py PROGRAM"""

import json
import os
import random
import subprocess
import sys
import tempfile
import unittest
from datetime import datetime, timezone
from pathlib import Path

FLIGHTS = Path(__file__).resolve().parent.parent
DAY = FLIGHTS / "data" / "2013-04-17.csv"
AIRPORTS = FLIGHTS / "data" / "airports.csv"
IN_MEMORY = {"MISAS_STORAGE": "memory"}
ON_POSTGRESQL = {"MISAS_STORAGE": "postgresql", "MISAS_MIGRATE": "yes"}

sys.path[:0] = [str(FLIGHTS), str(FLIGHTS.parent)]
import figures  # noqa: E402 # the folders must be known before
from own_database import own_database  # noqa: E402

program = None


def publish(*options):
    command = [sys.executable, FLIGHTS / "publish.py", *options, "--airports", AIRPORTS, DAY]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines(keepends=True)


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
        with own_database():
            self.assert_matches(self.lines, ON_POSTGRESQL)
            self.assert_matches(self.lines, ON_POSTGRESQL)

    def test_with_figures_that_are_made_anew(self):
        with own_database():
            self.assert_matches(self.lines, ON_POSTGRESQL)
            for projection in "airport-board", "carrier-punctuality":
                reset = [program, "processors", "reset", f"statistics.{projection}"]
                subprocess.run(reset, check=True, env=os.environ | ON_POSTGRESQL, capture_output=True)
            self.assert_matches(self.lines, ON_POSTGRESQL)

    def test_in_any_order(self):
        shuffled = self.lines[1:-1]
        random.Random(17).shuffle(shuffled)
        self.assert_matches([self.lines[0], *shuffled, self.lines[-1]], IN_MEMORY)

    def test_each_command_twice(self):
        self.assert_matches([line for line in self.lines for _ in range(2)], IN_MEMORY)

    def test_with_a_clock_that_is_ahead(self):
        ahead = {"MISAS_CLOCK_ANCHOR": datetime.now(timezone.utc).isoformat(), "MISAS_CLOCK_RATE": "1"}
        self.assert_matches(self.lines, IN_MEMORY | ahead)

    def test_with_a_clock_of_its_own_that_passes_the_day_meanwhile(self):
        clock = {
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


class Publisher(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lines = [json.loads(line) for line in publish()]

    def test_says_everything_in_the_order_of_time(self):
        times = [line["time"] for line in self.lines]
        self.assertEqual(times, sorted(times))
        self.assertEqual(self.lines[0]["until"], times[-1])

    def test_says_everything_once_and_the_same_each_time(self):
        ids = [line["id"] for line in self.lines if "id" in line]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual([json.loads(line) for line in publish()], self.lines)

    def test_tells_the_time_on_the_way_when_it_is_paced(self):
        paced = [json.loads(line) for line in publish("--rate", "300000")]
        self.assertEqual([line for line in paced if "id" in line], [line for line in self.lines if "id" in line])
        self.assertGreater(len(paced), len(self.lines))

    def test_knows_local_times_across_midnight_and_zones(self):
        flights = {line["data"]["flight"]: line["data"] for line in self.lines if "departure" in line.get("data", {})}
        to_puerto_rico = flights["2013-04-17-B6-713-JFK"]  # 22:20 to 2:09
        self.assertEqual(to_puerto_rico["departure"], "2013-04-18T02:20:00Z")
        self.assertEqual(to_puerto_rico["arrival"], "2013-04-18T06:09:00Z")


class Figures(unittest.TestCase):
    HEADER = "year,month,day,dep_time,dep_delay,arr_delay,carrier,origin"
    ROWS = (
        "2013,1,1,517,2,15,UA,EWR",  # in time
        "2013,1,1,533,4,16,UA,LGA",  # overdue
        "2013,1,1,542,-3,NA,UA,EWR",  # overdue, too
        "2013,1,1,NA,NA,NA,UA,EWR",  # cancelled
        "2013,1,2,544,-1,-18,B6,JFK",  # another day
    )

    def figures_of(self, date):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "flights.csv"
            file.write_text("\n".join([self.HEADER, *self.ROWS]) + "\n")
            return figures.figures_of(file, date)

    def test_are_those_of_the_definitions(self):
        found = self.figures_of("2013-01-01")
        self.assertEqual(
            found["totals"],
            {"scheduled": 4, "departed": 3, "landed": 2, "cancelled": 1, "not_landed_as_planned": 1, "overdue": 2},
        )
        carrier = {"flights": 4, "cancelled": 1, "landed": 2, "overdue": 2, "mean_arrival_delay_minutes": 15.5}
        self.assertEqual(found["carriers"], {"UA": carrier})
        self.assertEqual(
            found["origins"]["EWR"],
            {"scheduled": 3, "departed": 2, "cancelled": 1, "mean_departure_delay_minutes": -0.5},
        )

    def test_of_other_days_are_left_out(self):
        self.assertEqual(self.figures_of("2013-01-02")["totals"]["scheduled"], 1)
        self.assertEqual(self.figures_of("2013-01")["totals"]["scheduled"], 5)


if __name__ == "__main__":
    program = sys.argv.pop(1)
    unittest.main()
