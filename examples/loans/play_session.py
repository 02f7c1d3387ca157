"""play_session.py COMMAND SESSION: the program that this shell command starts answers as is written
in the session, a file.

What is typed begins with "> ", and has an answer of one line. A query is asked again until its
answer is the one expected: documents follow the events a little later."""

import pathlib
import re
import subprocess
import sys
import time

DEADLINE_S = 60
PAUSE_S = 0.02


def answer_of(program, line):
    program.stdin.write(line + "\n")
    program.stdin.flush()
    return program.stdout.readline().rstrip("\n")


def await_answer(program, line, expected):
    deadline = time.monotonic() + DEADLINE_S
    answer = answer_of(program, line)
    while answer != expected and expected.startswith("{") and time.monotonic() < deadline:
        time.sleep(PAUSE_S)
        answer = answer_of(program, line)
    if answer != expected:
        sys.exit(f"{line}\nexpected: {expected}\nfound:    {answer}")


def play(command, session):
    """Ends this process if something is not as the session says."""
    steps = re.findall(r"^> (.*)\n(.*)$", pathlib.Path(session).read_text(encoding="utf-8"), re.MULTILINE)
    program = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line, expected in steps:
        await_answer(program, line, expected)
    rest, _ = program.communicate()
    if rest or program.returncode != 0 or not steps:
        sys.exit(f"after {len(steps)} steps the program said {rest!r} and ended with {program.returncode}")


if __name__ == "__main__":
    play(*sys.argv[1:])
