"""Checks that a module includes only modules that framework/docs/modules.md names before it.

A module is a folder of framework/src, and the public headers of its name, underscores aside. What all
modules together offer (misas.h) and generated headers have no place in the order."""

import pathlib
import re
import sys

FRAMEWORK = pathlib.Path(__file__).resolve().parents[1]
EXEMPT = {"misas"}


def documented_order():
    text = (FRAMEWORK / "docs/modules.md").read_text(encoding="utf-8")
    names = re.findall(r"^\d+\. `(\w+)`", text, re.MULTILINE)
    return {name: place for place, name in enumerate(names)}


def module_of(path):
    """Of src/<module>/... or include/misas/<header>."""
    parts = path.relative_to(FRAMEWORK).parts
    if parts[0] == "src":
        return parts[1] if len(parts) > 2 else None
    return path.stem.replace("_", "")


def module_of_include(name):
    folder, _, file = name.rpartition("/")
    if name.endswith((".pb-c.h", ".misas.h")) or not folder:
        return None
    if folder == "misas":
        return file.removesuffix(".h").replace("_", "")
    return folder.split("/")[0]


def complaints(path, order):
    module = module_of(path)
    if module in EXEMPT:
        return
    if module not in order:
        yield f"{path.relative_to(FRAMEWORK.parent)}: module '{module}' is not in framework/docs/modules.md"
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        included = match and module_of_include(match.group(1))
        if not included:
            continue
        here = f"{path.relative_to(FRAMEWORK.parent)}:{number}: {module} includes {match.group(1)}"
        if included not in order:
            yield f"{here}, which is of no module of framework/docs/modules.md"
        elif order[included] > order[module]:
            yield f"{here}, which is of a later module"


def main():
    order = documented_order()
    files = [file for folder in ("src", "include") for file in sorted((FRAMEWORK / folder).rglob("*.[ch]"))]
    found = [text for file in files for text in complaints(file, order)]
    print("\n".join(found) if found else f"{len(order)} modules, {len(files)} files")
    return 1 if found else 0


sys.exit(main())
