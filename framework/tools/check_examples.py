"""Checks the code in the documentation.

Each block of README.md stands word for word in a file of examples/, where the build compiles it and
the tests run it. With arguments, which are a compiler and its flags, also compiles each ```c block of
framework/docs, as a C11 file of its own that includes MISAS and the messages of
framework/tests/schemas/bank/ledger."""

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
# In which files the blocks of README.md are looked for, by the word after their fence.
FILES = {"c": ("*.c", "*.h"), "cmake": ("CMakeLists.txt",), "proto": ("*.proto",), "text": ("*.txt",)}


def blocks(text):
    """The language, the number of the first line, and the lines of each."""
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield match.group(1), text.count("\n", 0, match.start(2)) + 1, match.group(2)


def stands_in_an_example(language, block):
    """As whole lines of one file."""
    paths = [path for pattern in FILES.get(language, ()) for path in (TOP / "examples").rglob(pattern)]
    return any("\n" + block in "\n" + path.read_text(encoding="utf-8") for path in paths)


def strangers(readme):
    """The first lines of the blocks that stand in no example."""
    return [line for language, line, block in blocks(readme) if not stands_in_an_example(language, block)]


def check_readme():
    """How many blocks there are, and how many are wrong."""
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    failures = strangers(readme)
    for line in failures:
        print(f"README.md:{line}: this block stands in no file of examples/", file=sys.stderr)
    return len(list(blocks(readme))), len(failures)


def compile_manual(compiler):
    count = failures = 0
    for page in sorted((TOP / "framework/docs").rglob("*.md")):
        for language, line, code in blocks(page.read_text(encoding="utf-8")):
            if language == "c":
                source = f'{PREAMBLE}#line {line} "{page.relative_to(TOP)}"\n{code}'
                compiled = subprocess.run([*compiler, "-x", "c", "-"], input=source, text=True)
                failures += compiled.returncode != 0
                count += 1
    return count, failures


def main():
    readme_count, failures = check_readme()
    print(f"{readme_count} blocks of README.md")
    if len(sys.argv) > 1:
        count, more_failures = compile_manual(sys.argv[1:])
        failures += more_failures
        print(f"{count} examples of the manual")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
