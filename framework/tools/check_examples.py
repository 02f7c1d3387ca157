"""Compiles each ```c block of the documentation as a C11 file of its own that includes MISAS, and the
messages of framework/tests/schemas/bank/ledger.

The arguments are the compiler and its flags."""

import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
PREAMBLE = """#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <misas/misas.h>
#include <bank/ledger/v1/ledger.misas.h>
"""


def examples():
    """Each with its page and the line that it begins on."""
    for page in [TOP / "README.md", *sorted((TOP / "framework/docs").rglob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(r"^```c\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            yield page.relative_to(TOP), text.count("\n", 0, match.start(1)) + 1, match.group(1)


def main():
    failures = count = 0
    for page, line, code in examples():
        source = f'{PREAMBLE}#line {line} "{page}"\n{code}'
        compiled = subprocess.run([*sys.argv[1:], "-x", "c", "-"], input=source, text=True)
        failures += compiled.returncode != 0
        count += 1
    print(f"{count} examples")
    return 1 if failures else 0


sys.exit(main())
