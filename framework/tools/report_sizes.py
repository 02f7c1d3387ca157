"""Lists what has grown beyond the aims of size. Files come on standard input, one a line; the argument
is clang-tidy's output. Says something, fails never: there may be a good reason."""

import re
import sys

FILE_LINES = 400
HEADER_LINES = 200


def large_files(names):
    for name in names:
        with open(name, encoding="utf-8") as file:
            count = sum(1 for _ in file)
        if count > (HEADER_LINES if name.endswith(".h") else FILE_LINES):
            yield f"{name}: {count} lines"


def large_functions(tidy_log):
    """clang-tidy tells the function in a warning and, for sizes, the figure in the notes after it."""
    found = {}
    where = None
    for line in open(tidy_log, encoding="utf-8", errors="replace"):
        warning = re.match(r"(.*?):(\d+):\d+: warning: function '(\w+)' (.*) \[readability-function", line)
        note = re.match(r".*: note: (\d+ \w+).*\(threshold", line)
        if warning:
            file, number, function, text = warning.groups()
            where = f"{re.sub(r'.*/(?=framework/)', '', file)}:{number}: {function}"
            complexity = re.search(r"complexity of (\d+)", text)
            found.setdefault(where, set())
            if complexity:
                found[where].add(f"complexity {complexity.group(1)}")
        elif note and where:
            found[where].add(note.group(1).replace(" lines", " lines"))
        elif ": warning: " in line:
            where = None
    return [f"{where}: {', '.join(sorted(texts))}" for where, texts in sorted(found.items())]


def main():
    lines = list(large_files(sys.stdin.read().split())) + large_functions(sys.argv[1])
    print("\n".join(lines) if lines else "none is beyond the aims")


main()
