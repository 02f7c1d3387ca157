"""script_of.py README SECTION SESSIONS: the commands of a section, as a script for bash.

A command that a session follows, a ```text block, is to be talked to: it becomes the standard input of
the function `talk`, whose argument is the session as a file in the folder SESSIONS."""

import pathlib
import re
import sys

PIECE = re.compile(r"^```(?P<language>\w*)\n(?P<block>.*?)^```$|(?P<command>(?:^    [^\n]*\\\n)*^    [^\n]*\n)",
                   re.MULTILINE | re.DOTALL)


def section_of(readme, title):
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## )", readme, re.MULTILINE | re.DOTALL).group(1)


def pieces_of(section):
    """Commands and sessions, in their order; of other languages nothing."""
    for match in PIECE.finditer(section):
        if match["command"]:
            yield "command", match["command"]
        elif match["language"] == "text":
            yield "session", match["block"]


def script_of(section, folder):
    script = []
    for number, (kind, text) in enumerate(pieces_of(section)):
        if kind == "session":
            session = folder / f"session-{number}.txt"
            session.write_text(text, encoding="utf-8")
            script[-1] = f"talk {session} <<'COMMAND'\n{script[-1]}COMMAND\n"
        else:
            script.append(text)
    return script


readme, title, sessions = sys.argv[1:]
print("".join(script_of(section_of(pathlib.Path(readme).read_text(encoding="utf-8"), title), pathlib.Path(sessions))))
