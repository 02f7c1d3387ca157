#!/usr/bin/env python3
"""Publishes a flights file: a command a line, as JSON, in the order of the data's time.

usage: publish.py [--date YYYY-MM | --date YYYY-MM-DD] [--rate R] --airports AIRPORTS FLIGHTS

Each line is a CloudEvent. Its id says which flight and what is said of it, so that whoever publishes the same file
again sends the same commands. Lines with nothing but a time say that it is that time now; the first one also says until
when this will go on, and the last one, of that time, is past all that the file could lead to.

  ScheduleFlight    at 4 in the morning of its day, in New York (or an hour before it departs, if that is earlier)
  ReportDeparture   when it departed: as scheduled, and dep_delay
  ReportArrival     when it landed: as scheduled, and arr_delay; none where that is NA
  CancelFlight      when it was to depart: the file does not say when it was cancelled

Scheduled times are local ones, of New York and of the destination, whose zone is in AIRPORTS or below. The scheduled
arrival is the first such time after the scheduled departure. With --rate, R seconds of the data's time take one
second; without, it goes as fast as it is read.
"""

import argparse
import csv
import heapq
import io
import json
import os
import sys
import time
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

# Destinations that airports.csv has not.
OTHER_ZONES = {
    "BQN": "America/Puerto_Rico",
    "PSE": "America/Puerto_Rico",
    "SJU": "America/Puerto_Rico",
    "STT": "America/St_Thomas",
}
NEW_YORK = ZoneInfo("America/New_York")
ANNOUNCED_AT = 400  # o'clock
DUE_AFTER = timedelta(minutes=16)  # what was to arrive is overdue by then
TICK_SECONDS = 0.1  # of real time, between two times where nothing is said
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def read_zones(path):
    with path.open(encoding="utf-8", newline="") as file:
        zones = {row["faa"]: row["tzone"] for row in csv.DictReader(file)}
    return {airport: ZoneInfo(zone) for airport, zone in (OTHER_ZONES | zones).items() if "/" in zone}


def open_flights(path):
    if path.suffix == ".zip":
        return io.TextIOWrapper(zipfile.ZipFile(path).open("flights.csv"), "utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def read_days(path, date):
    """The header, and the lines of each day, by ascending days: the file is in another order."""
    days = {}
    with open_flights(path) as file:
        header = next(file)
        for line in file:
            year, month, day = line.split(",", 3)[:3]
            days.setdefault(f"{year}-{int(month):02}-{int(day):02}", []).append(line)
    return header, [(day, days[day]) for day in sorted(days) if day.startswith(date)]


def at(day, clock, zone):
    """The instant of a local time, given as a number: 517 is 5:17."""
    clock = int(clock)
    local = datetime(day.year, day.month, day.day, clock // 100 % 24, clock % 100, tzinfo=zone)
    return (local + DAY * (clock // 2400)).astimezone(timezone.utc)


def scheduled_times(row, day, zones):
    departure = at(day, row["sched_dep_time"], NEW_YORK)
    arrival = at(day, row["sched_arr_time"], zones[row["dest"]])
    while arrival <= departure:
        arrival += DAY
    return departure, arrival


def text_of(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def commands_of(row, zones):
    """What is said of one flight: (when, in which order of equals, command, content)."""
    day = datetime(int(row["year"]), int(row["month"]), int(row["day"]))
    departure, arrival = scheduled_times(row, day, zones)
    name = {"flight": f"{day:%Y-%m-%d}-{row['carrier']}-{row['flight']}-{row['origin']}"}
    name["route"] = {"carrier": row["carrier"], "origin": row["origin"], "destination": row["dest"]}
    times = {"departure": text_of(departure), "arrival": text_of(arrival)}
    announced = min(at(day, ANNOUNCED_AT, NEW_YORK), departure - 60 * MINUTE)

    yield announced, 0, "schedule.v1.ScheduleFlight", name | times
    if row["dep_time"] == "NA":
        yield departure, 1, "operations.v1.CancelFlight", name
        return
    delay = int(row["dep_delay"])
    yield departure + delay * MINUTE, 2, "operations.v1.ReportDeparture", name | {"delayMinutes": delay}
    if row["arr_delay"] != "NA":
        delay = int(row["arr_delay"])
        yield arrival + delay * MINUTE, 3, "operations.v1.ReportArrival", name | {"delayMinutes": delay}


def line_of(instant, kind, content):
    word = kind.rsplit(".", 1)[1]
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"{content['flight']}-{word}",
            "source": "/flights/publisher",
            "type": f"flights.{kind}",
            "time": text_of(instant),
            "data": content,
        },
        separators=(",", ":"),
    )


def in_order(days, header, zones):
    """All commands as (when, line), in the order of time; a few days are in memory at a time."""
    waiting = []
    count = 0
    for day, lines in days:
        begins = at(datetime.fromisoformat(day), 0, NEW_YORK)
        while waiting and waiting[0][0] < begins - DAY:
            instant, _, _, line = heapq.heappop(waiting)
            yield instant, line
        for row in csv.DictReader([header, *lines]):
            for instant, order, kind, content in commands_of(row, zones):
                count += 1
                heapq.heappush(waiting, (instant, order, count, line_of(instant, kind, content)))
    while waiting:
        instant, _, _, line = heapq.heappop(waiting)
        yield instant, line


def last_time(days, header, zones):
    """After all arrivals of the last days, and after the time when those are overdue that don't arrive."""
    rows = csv.DictReader([header, *(line for _, lines in days[-3:] for line in lines)])
    ends = []
    for row in rows:
        _, arrival = scheduled_times(row, datetime(int(row["year"]), int(row["month"]), int(row["day"])), zones)
        ends += [arrival + DUE_AFTER] + [command[0] for command in commands_of(row, zones)]
    return max(ends) + MINUTE


class Pace:
    """Says when it is time: `rate` seconds of the data's time in a second; 0: at once."""

    def __init__(self, rate, out):
        self.rate = rate
        self.out = out
        self.began = None

    def wait_for(self, instant):
        """Tells the time on the way."""
        if not self.rate:
            return
        if self.began is None:
            self.began = time.monotonic(), instant
        began, origin = self.began
        while (left := (instant - origin).total_seconds() / self.rate - (time.monotonic() - began)) > 0:
            now = origin + timedelta(seconds=(time.monotonic() - began) * self.rate)
            self.tell(now)
            time.sleep(min(left, TICK_SECONDS))

    def tell(self, instant, **more):
        self.out.write(json.dumps({"time": text_of(instant)} | more, separators=(",", ":")) + "\n")
        self.out.flush()


def publish(days, header, zones, pace):
    end = last_time(days, header, zones)
    is_first = True
    for instant, line in in_order(days, header, zones):
        if is_first:
            pace.tell(instant, until=text_of(end))
            is_first = False
        pace.wait_for(instant)
        pace.out.write(line + "\n")
    pace.tell(end)


def read_arguments():
    parser = argparse.ArgumentParser(description="Publishes a flights file as commands, a line each.")
    parser.add_argument("--date", default="", help="of the flights to publish, or how it begins")
    parser.add_argument("--rate", type=float, default=0, help="seconds of the data's time in a second; 0: no pauses")
    parser.add_argument("--airports", type=Path, required=True)
    parser.add_argument("flights", type=Path)
    return parser.parse_args()


def main():
    arguments = read_arguments()
    header, days = read_days(arguments.flights, arguments.date)
    if not days:
        sys.exit(f"publish.py: {arguments.flights} has no flights of {arguments.date}")
    try:
        publish(days, header, read_zones(arguments.airports), Pace(arguments.rate, sys.stdout))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit("publish.py: the reader has gone")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
