# shellcheck shell=bash
# ./dev build, test, bench, fmt.

# build_preset PRESET [target...]: all of it, unless targets are named. One ./dev at a time builds a preset: a proof in
# the background may want the same one.
build_preset() {
    if [ "$1" = fuzz ]; then ensure_tools; fi
    if have ccache; then export CMAKE_C_COMPILER_LAUNCHER=ccache; fi
    mkdir -p build
    (
        flock 7
        [ -f "build/$1/build.ninja" ] || cmake --preset "$1" || exit 1
        cmake --build --preset "$1" ${2:+--target "${@:2}"}
    ) 7>"build/$1.lock"
}

command_build() {
    ensure_build_needs
    build_preset "${1:-release}"
}

# Sanitizers stop at the first report, so that none is overlooked in a test that passes otherwise.
export_sanitizer_options() {
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}
    export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
    # By itself the thread sanitizer has each process wait a second before it exits.
    export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1:atexit_sleep_ms=100}
}

# Where addresses are randomised too far, gcc 12's thread sanitizer finds no place for its shadow.
fixed_addresses() {
    if [ "$1" = tsan ] && setarch --addr-no-randomize true 2>/dev/null; then
        say "setarch --addr-no-randomize"
    fi
}

# test_preset PRESET [ctest arguments]
test_preset() {
    local preset=$1 launcher
    shift

    say "== $preset"
    read -ra launcher <<<"$(fixed_addresses "$preset")"
    rm -f "build/$preset/ctest.log"
    build_preset "$preset" || return 1
    "${launcher[@]}" ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --timeout 300 \
        --parallel "$(nproc)" --output-log "build/$preset/ctest.log" "$@"
}

# The closing lines of ctest, once more, for all presets.
print_summary() {
    local preset

    for preset in "$@"; do
        say ""
        say "== $preset"
        sed -n '/% tests passed/,$p' "build/$preset/ctest.log" 2>/dev/null | grep . || say "did not build, or had no tests"
    done
}

command_test() {
    local presets=() preset status=0

    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        presets+=("$1")
        shift
    done
    shift || true
    [ ${#presets[@]} -gt 0 ] || presets=(release asan)

    ensure_build_needs
    use_cluster
    export_sanitizer_options
    for preset in "${presets[@]}"; do
        test_preset "$preset" "$@" || status=1
    done
    print_summary "${presets[@]}"
    exit "$status"
}

command_bench() {
    ensure_build_needs
    build_preset release
    [ -x build/release/framework/bench/misas-bench ] || fail "there are no benchmarks yet"
    use_cluster
    build/release/framework/bench/misas-bench "$@"
}

c_sources() {
    git ls-files -- '*.c' '*.h' ':!:*.pb-c.c' ':!:*.pb-c.h'
}

command_fmt() {
    ensure_tools
    c_sources | xargs -r clang-format-19 -i
}
