# shellcheck shell=bash disable=SC2154 # top: set by dev
# ./dev lint: what is checked by a program, so that a review can speak of ideas.

# step NAME COMMAND...: all steps run; the names of those that failed are kept.
lint_step() {
    local name=$1
    shift

    say "== $name"
    "$@" || failed+=("$name")
}

lint_format() {
    c_sources | xargs -r clang-format-19 --dry-run -Werror
}

# The .c files that are compiled, from the compile database.
compiled_sources() {
    python3 - "$top" <<'PYTHON'
import json, os, sys
top = sys.argv[1]
for entry in json.load(open("build/release/compile_commands.json")):
    file = os.path.relpath(os.path.join(entry["directory"], entry["file"]), top)
    if not file.startswith(("build/", "..")):
        print(file)
PYTHON
}

# What .clang-tidy says of sizes is kept for the report; everything else that it says is an error.
lint_tidy() {
    local status=0

    compiled_sources | sort -u |
        xargs -r -P "$(nproc)" -n 4 clang-tidy-19 --quiet -p build/release \
            >build/release/tidy.log 2>/dev/null || status=1
    grep -v '^[0-9]* warnings\? ' build/release/tidy.log | awk '
        /: (warning|error): / { shown = !/readability-function-(size|cognitive)/ }
        shown' || true
    return "$status"
}

lint_shell() {
    git ls-files -z -- dev .ci/run '*.sh' | xargs -0 -r shellcheck -x
}

lint_python() {
    git ls-files -z -- '*.py' | xargs -0 -r python3 -c '
import ast, sys
for file in sys.argv[1:]:
    ast.parse(open(file).read(), file)'
}

# set_check_flags: how headers and examples are compiled.
set_check_flags() {
    read -ra check_flags <<<"-fsyntax-only -Wall -Wextra -Wpedantic -Wformat=2 -Wshadow -Werror \
        -Iframework/include -isystem build/release/framework/generated $(pkg-config --cflags libprotobuf-c)"
}

# Each public header compiles alone, in C and in C++.
lint_headers() {
    local header include status=0

    for header in framework/include/misas/*.h; do
        include="#include \"${header#framework/include/}\""
        cc -std=c11 "${check_flags[@]}" -xc - <<<"$include" || status=1
        c++ -std=c++17 "${check_flags[@]}" -xc++ - <<<"$include" || status=1
    done
    return "$status"
}

lint_examples() {
    python3 framework/tools/check_examples.py cc -std=c11 "${check_flags[@]}" \
        -isystem build/release/framework/tests/misas_test_schemas-generated
}

lint_sizes() {
    c_sources | python3 framework/tools/report_sizes.py build/release/tidy.log
}

command_lint() {
    local failed=() check_flags

    ensure_tools
    build_preset release
    set_check_flags
    lint_step formatter lint_format
    lint_step "order of modules" python3 framework/tools/check_module_order.py
    lint_step "public headers" lint_headers
    lint_step "examples of the manual" lint_examples
    lint_step shellcheck lint_shell
    lint_step python lint_python
    lint_step clang-tidy lint_tidy
    lint_step "sizes (reported only)" lint_sizes
    [ ${#failed[@]} = 0 ] || fail "lint failed: ${failed[*]}"
    say "lint: nothing to complain of"
}
